import { formatBytes, formatDuration } from '../core/units.js';

/** In at most six cells: `813ms`, `1.3s`, `2m05s`, `3h02m`. */
export function shortDuration(ms: number): string {
  if (ms < 60_000) return formatDuration(ms).replace(' ', '');
  const minutes = Math.floor(ms / 60_000);
  const [large, small, units] =
    minutes < 60 ? [minutes, Math.floor(ms / 1000) % 60, 'ms'] : [Math.floor(minutes / 60), minutes % 60, 'hm'];
  return `${large}${units.charAt(0)}${String(small).padStart(2, '0')}${units.charAt(1)}`;
}

/** In at most six cells: `0B`, `1.2kB`, `12.3MB`. */
export function shortBytes(bytes: number): string {
  return formatBytes(bytes).replace(' ', '');
}

/** In at most five cells: `9999`, `12k`, `3M`. */
export function shortCount(value: number): string {
  if (value < 10_000) return String(value);
  return value < 1_000_000 ? `${Math.floor(value / 1000)}k` : `${Math.floor(value / 1_000_000)}M`;
}
