import { defineTimeFormat, hints, notAfter, type TimeFormat } from './time-format.js';

interface Epoch {
  name: string;
  /** What the number is, and a sample. */
  summary: string;
  /** The whole digits of the number, without those behind a point. */
  digits: string;
  /** When it is zero, in seconds since 1970. */
  startSeconds: number;
  unitsPerSecond: number;
}

/** Numbers that count from another moment than 1970. Only what is called a time is one. */
function epochFrom({ name, summary, digits, startSeconds, unitsPerSecond }: Epoch): TimeFormat {
  const units = BigInt(unitsPerSecond);
  const width = String(unitsPerSecond).length - 1;
  const whole = (text: string): bigint => BigInt(/^\d+/.exec(text)?.[0] ?? 0);
  return defineTimeFormat({
    ...{ name, summary, bare: true, byName: true, hint: hints.eightDigits },
    pattern: new RegExp(`${notAfter.words}${digits}(?:\\.\\d{1,9})?(?![\\dA-Za-z]|\\.\\d)`, 'g'),
    read: (text) => ({ seconds: Number(whole(text) / units) + startSeconds, dateOnly: false, offsetSeconds: 0 }),
    move: (text, seconds) =>
      text.replace(/^\d+/, (number) => String(BigInt(number) + BigInt(seconds) * units).padStart(number.length, '0')),
    fraction: (text) => {
      const below = width === 0 ? '' : String(whole(text) % units).padStart(width, '0');
      return below + (/\.(\d+)$/.exec(text)?.[1] ?? '');
    },
  });
}

const year1 = Date.UTC(2001, 0, 1) / 1000 - 2000 * 365.2425 * 86_400;
const year1601 = Date.UTC(1601, 0, 1) / 1000;
const year2001 = Date.UTC(2001, 0, 1) / 1000;

/** Counts of Apple's, .NET's and Windows' clocks. */
export const otherEpochs: readonly TimeFormat[] = [
  epochFrom({
    name: 'epoch-2001-seconds',
    summary: 'Seconds since 2001, as Swift writes a Date: 816948000.25',
    ...{ digits: '[4-9]\\d{8}', startSeconds: year2001, unitsPerSecond: 1 },
  }),
  epochFrom({
    name: 'epoch-2001-nanoseconds',
    summary: 'Nanoseconds since 2001: 816948000000000000',
    ...{ digits: '[7-9]\\d{17}', startSeconds: year2001, unitsPerSecond: 1_000_000_000 },
  }),
  epochFrom({
    name: 'ticks',
    summary: 'Ticks of .NET, 100 ns each since the year 1: 639308520000000000',
    ...{ digits: '6[2-6]\\d{16}', startSeconds: year1, unitsPerSecond: 10_000_000 },
  }),
  epochFrom({
    name: 'filetime',
    summary: 'FILETIME of Windows and LDAP, 100 ns each since 1601: 134397288000000000',
    ...{ digits: '1[2-5]\\d{16}', startSeconds: year1601, unitsPerSecond: 10_000_000 },
  }),
  epochFrom({
    name: 'epoch-1601-microseconds',
    summary: 'Microseconds since 1601, as browsers keep them: 13439728800000000',
    ...{ digits: '1[2-5]\\d{15}', startSeconds: year1601, unitsPerSecond: 1_000_000 },
  }),
];
