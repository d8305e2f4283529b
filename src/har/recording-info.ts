import { storedCommand } from '../core/program-name.js';
import { z } from 'zod';
import type { HarRecordingInfo, Incomplete } from './har.js';

/** What a recording says of itself, without the arguments of its command: recordings from before kept them. */
export function withoutArguments(info: HarRecordingInfo): HarRecordingInfo {
  if (argumentCount(info) === 0) return info;
  const { command: _, ...others } = info;
  return { ...others, ...storedCommand(wordsOf(info)) };
}

const incomplete = z.object({
  reason: z.string(),
  interruptions: z.number().optional(),
  lostBytes: z.number().optional(),
});

/** Why it does not hold all that its test did; undefined where it does. */
export function incompleteOf(info: HarRecordingInfo): Incomplete | undefined {
  const said = incomplete.safeParse(info.incomplete).data;
  if (said !== undefined) return said;
  // As recordings up to 0.1 say it.
  return info['unfinished'] === true ? { reason: endedEarly } : undefined;
}

/** Of a recording whose journal nobody has finished. */
export const endedEarly = 'the process that recorded it ended before the recording did';

/** How many words of a stored command are more than its program's name. */
export function argumentCount(info: HarRecordingInfo): number {
  const words = wordsOf(info);
  const [name] = storedCommand(words).command ?? [];
  return words.filter((word, at) => at > 0 || word !== name).length;
}

/** The file may have been written by others. */
function wordsOf({ command }: { command?: unknown }): string[] {
  const words: unknown[] = Array.isArray(command) ? command : [command];
  return words.filter((word) => word !== undefined).map((word) => (typeof word === 'string' ? word : ''));
}
