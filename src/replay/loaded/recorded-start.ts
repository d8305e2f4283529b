import { fromHarEntry } from '../../har/from-har-entry.js';
import type { Recording } from '../../store/recording.js';

/** When a recording began, in milliseconds since 1970: as it says of itself, or with its first exchange if that was earlier. */
export function recordedStartOf({ info, entries }: Pick<Recording, 'info' | 'entries'>, startedAt: number): number {
  const first = entries[0] === undefined ? startedAt : fromHarEntry(entries[0]).startedAt;
  const stated = Date.parse(info.recordedAt);
  return Number.isNaN(stated) ? first : Math.min(stated, first);
}
