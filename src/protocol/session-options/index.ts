import { engineOptions, internalOptions } from './engine.js';
import { recordingOptions, recordOptions } from './recording.js';
import { replayOptions } from './replay.js';
import type { OptionScope, SessionCommand, SessionOption, SessionOptions, ShapeWithout } from './session-option.js';
import { upstreamOptions } from './upstream.js';

/** All options of sessions by key, one declaration each. */
export const sessionOptions = {
  ...engineOptions,
  ...upstreamOptions,
  ...recordingOptions,
  ...recordOptions,
  ...replayOptions,
  ...internalOptions,
};

/** The same by what they are about. */
const optionsByScope: Readonly<Record<OptionScope, SessionOptions>> = {
  engine: { ...engineOptions, ...internalOptions },
  upstream: upstreamOptions,
  recording: recordingOptions,
  record: recordOptions,
  replay: replayOptions,
};

/** The scopes of the sessions that a command opens. */
export const scopesOf: Readonly<Record<SessionCommand, readonly OptionScope[]>> = {
  up: ['engine', 'upstream'],
  exec: ['engine', 'upstream'],
  record: ['recording', 'record', 'engine', 'upstream'],
  replay: ['recording', 'replay', 'engine', 'upstream'],
  run: ['recording', 'record', 'replay', 'engine', 'upstream'],
  'session create': ['engine', 'recording', 'record', 'replay', 'upstream'],
};

/** The options of some scopes, with their keys, in the order of their declarations. */
export function optionsOf(scopes: readonly OptionScope[]): (SessionOption & { key: string })[] {
  return scopes.flatMap((scope) => Object.entries(optionsByScope[scope]).map(([key, option]) => ({ key, ...option })));
}

/** The schemas of a session's spec: of all but what is only asked. */
export const specShape = shapeWithout(sessionOptions, 'requestOnly');

/** The schemas of what a request may say. */
export const requestShape = shapeWithout(sessionOptions, 'internal');

function shapeWithout<Options extends SessionOptions, Mark extends 'internal' | 'requestOnly'>(
  options: Options,
  mark: Mark,
): ShapeWithout<Options, Mark> {
  const kept = Object.entries(options).filter(([, option]) => option[mark] !== true);
  return Object.fromEntries(kept.map(([key, { schema }]) => [key, schema])) as ShapeWithout<Options, Mark>;
}

export { sessionMode, type SessionMode } from './engine.js';
export type { ConfigPlace, FlagValues, OptionScope, SessionCommand, SessionOption } from './session-option.js';
