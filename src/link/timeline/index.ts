export { parseInlineTimeline } from './inline.js';
export { TimelinePlayer, type Moment } from './player.js';
export { timelineRequest, timelineView, type TimelineRequest, type TimelineView } from './schema.js';
export { createTimeline, planRound, type Timeline } from './timeline.js';
