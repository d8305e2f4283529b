import { findTimes, mayHoldTime } from '../dates/find-times.js';
import { isTimeless, namesTime } from '../dates/timeless-names.js';
import { defineNormalizer } from './define-normalizer.js';

/** Dates and times that lie around the recording or around the replay, in every format of `dates/formats.ts`. */
export const times = defineNormalizer({
  name: 'times',
  summary: 'Dates and times: ISO 8601, HTTP dates, epochs in s, ms, µs and ns',
  kind: 'time',
  examples: {
    found: ['2026-11-21T10:00:00Z', 'at=1795255200', 'Sat, 21 Nov 2026 10:00:00 GMT', '/weather/2026-11-22'],
    leftAlone: ['1984-05-06', 'api_version=2026-06-20', 'phone=1795255200', '4.2026.11', '12:30'],
  },
  mayMatch: (_, value) => mayHoldTime(value),
  find: ({ name, value }, { windows }) =>
    isTimeless(name) ? [] : findTimes(value, windows).filter(({ format }) => format.byName !== true || namesTime(name)),
});
