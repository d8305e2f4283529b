import { storedCommand } from '../core/program-name.js';
import type { HarRecordingInfo } from './har.js';

/** What a recording says of itself, without the arguments of its command: recordings from before kept them. */
export function withoutArguments(info: HarRecordingInfo): HarRecordingInfo {
  if (argumentCount(info) === 0) return info;
  const { command: _, ...others } = info;
  return { ...others, ...storedCommand(wordsOf(info)) };
}

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
