import { UsageError } from '../errors/index.js';

/*
 * Quantities as people write them. A number without a unit is refused where a unit is needed, and the message gives
 * the spellings that would work: `200` could be bytes, kilobytes or kilobits, and a test that runs at the wrong one
 * lies.
 */

const durationUnits: Record<string, number> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `300ms`, `1.5s`, `2m`, `1h` → milliseconds (may have a fraction). `0` needs no unit. Throws `UsageError`. */
export function parseDuration(text: string): number {
  const { amount, unit } = split(text, 'duration', '300ms or 2s');
  if (unit === '') {
    if (amount === 0) return 0;
    throw new UsageError(`"${text}" has no unit`, { hint: `Write ${text}ms or ${text}s.` });
  }
  const factor = durationUnits[unit];
  if (factor === undefined)
    throw new UsageError(`"${text}" has an unknown unit "${unit}"`, {
      hint: 'Durations are written like 300ms, 2s, 5m or 1h.',
    });
  return exact(amount * factor);
}

const byteRateUnits: Record<string, number> = {
  b: 1,
  kb: 1000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  bit: 1 / 8,
  kbit: 1000 / 8,
  mbit: 1_000_000 / 8,
  gbit: 1_000_000_000 / 8,
};

/**
 * `200kb` (kilobytes per second, as in Toxiproxy), `1.6mbit` (megabits per second) → bytes per second.
 * A trailing `/s` or `ps` may follow. Kilo is 1000. Throws `UsageError`.
 */
export function parseByteRate(text: string): number {
  const { amount, unit } = split(text, 'rate', '200kb (kilobytes per second) or 1.6mbit (megabits per second)');
  const factor = byteRateUnits[unit.replace(/(\/s|ps)$/, '')];
  if (unit === '')
    throw new UsageError(`"${text}" has no unit`, {
      hint: `Write ${text}kb (kilobytes per second) or ${text}kbit (kilobits per second).`,
    });
  if (factor === undefined) {
    throw new UsageError(`"${text}" has an unknown unit "${unit}"`, {
      hint: 'Rates are written like 200kb, 1.5mb (bytes per second) or 750kbit, 1.6mbit (bits per second).',
    });
  }
  return exact(amount * factor);
}

const byteUnits: Record<string, number> = {
  b: 1,
  kb: 1000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

/**
 * `64kb`, `1.5mb`, `10mib`, `1500b` → bytes, a whole number. A plain number is bytes where `plain` allows it. Throws
 * `UsageError`.
 */
export function parseBytes(text: string, { plain = false } = {}): number {
  const { amount, unit } = split(text, 'size', '64kb or 10mib');
  if (unit === '') {
    if (amount === 0 || (plain && Number.isInteger(amount))) return amount;
    throw new UsageError(`"${text}" has no unit`, { hint: `Write ${text}b (bytes) or ${text}kb (kilobytes).` });
  }
  const factor = byteUnits[unit];
  if (factor === undefined)
    throw new UsageError(`"${text}" has an unknown unit "${unit}"`, {
      hint: 'Sizes are written like 1500b, 64kb, 10mb or 10mib.',
    });
  const bytes = exact(amount * factor);
  if (!Number.isInteger(bytes)) {
    throw new UsageError(`"${text}" is ${bytes} bytes`, {
      hint: `Write a whole number of bytes: ${Math.floor(bytes)}b or ${Math.ceil(bytes)}b.`,
    });
  }
  return bytes;
}

/** `5%` or `0.05` → 0.05. Throws `UsageError` outside 0–1 and for a bare number over 1. */
export function parseProbability(text: string): number {
  const { amount, unit } = split(text, 'probability', '5% or 0.05');
  if (unit !== '' && unit !== '%')
    throw new UsageError(`"${text}" is not a probability`, { hint: 'Write 5% or 0.05.' });
  if (unit === '' && amount > 1)
    throw new UsageError(`"${text}" is over 1`, { hint: `Write ${text}% or ${String(amount / 100)}.` });
  const value = unit === '%' ? exact(amount / 100) : amount;
  if (value > 1) throw new UsageError(`"${text}" is over 100%`, { hint: 'Write a share between 0% and 100%.' });
  return value;
}

/** Takes off what binary fractions add: 1.005 × 1000 is 1005, not 1004.9999999999999. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}

function split(text: string, what: string, example: string): { amount: number; unit: string } {
  const match = /^\s*([+-]?)(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ%/]*)\s*$/i.exec(text);
  if (match === null) throw new UsageError(`"${text}" is not a ${what}`, { hint: `Write ${example}.` });
  const [, sign, digits, unit] = match;
  if (sign === '-')
    throw new UsageError(`"${text}" is negative`, { hint: `A ${what} is 0 or more: write ${example}.` });
  return { amount: Number(digits), unit: (unit ?? '').toLowerCase() };
}

/** 1234 → `1.2 kB`. Decimal units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let index = 0;
  while (value >= 1000 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${index === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[index] ?? 'B'}`;
}

/** 1234 → `1.2 s`, 12.3 → `12 ms`, 0.4 → `0.4 ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`;
}
