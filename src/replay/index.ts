export type { Timing } from './answer.js';
export { matchers, type Matcher } from './matchers/index.js';
export { missMessage, type MissReport } from './miss.js';
export { createReplayer, type Replayer, type ReplayerInit, type ReplayOptions } from './replayer.js';
export type { Exhausted } from './selection.js';
