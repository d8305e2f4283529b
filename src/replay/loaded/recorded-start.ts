import type { Recording } from '../../store/recording.js';

/**
 * When a recording began, in milliseconds since 1970: as it says of itself, or with its first exchange if that was
 * earlier.
 */
export function recordedStartOf({ info, exchanges }: Pick<Recording, 'info' | 'exchanges'>, startedAt: number): number {
  const first = exchanges.length === 0 ? startedAt : exchanges.get(0).startedAt;
  const stated = Date.parse(info.recordedAt);
  return Number.isNaN(stated) ? first : Math.min(stated, first);
}
