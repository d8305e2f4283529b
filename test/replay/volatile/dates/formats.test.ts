import { describe, expect, test } from 'vitest';
import { findTimes } from '../../../../src/replay/volatile/dates/find-times.js';
import { timeFormats } from '../../../../src/replay/volatile/dates/formats.js';

const always = [{ from: 0, to: 4e9 }];
const later = 45 * 86_400 + 3661;

const samples: [format: string, text: string, moved: string][] = [
  ['iso-date-time', '2026-11-21T10:00:00Z', '2027-01-05T11:01:01Z'],
  ['iso-date-time', '2026-11-21T10:00:00.123456+02:00', '2027-01-05T11:01:01.123456+02:00'],
  ['iso-date-time', '2026-11-21T10:00:00-0800', '2027-01-05T11:01:01-0800'],
  ['iso-date-time', '2026-11-21 10:00', '2027-01-05 11:01'],
  ['iso-date-time', '2026-11-21t10:00:00z', '2027-01-05t11:01:01z'],
  ['iso-basic', '20261121T100000Z', '20270105T110101Z'],
  ['iso-date', '2026-11-21', '2027-01-05'],
  ['iso-date', '2026/11/21', '2027/01/05'],
  ['http-date', 'Sat, 21 Nov 2026 10:00:00 GMT', 'Tue, 05 Jan 2027 11:01:01 GMT'],
  ['http-date', 'Saturday, 21-Nov-26 10:00:00 GMT', 'Tuesday, 05-Jan-27 11:01:01 GMT'],
  ['http-date', 'Sat, 21-Nov-2026 10:00:00 GMT', 'Tue, 05-Jan-2027 11:01:01 GMT'],
  ['http-date', 'Sat, 21 Nov 2026 11:00:00 +0100', 'Tue, 05 Jan 2027 12:01:01 +0100'],
  ['script-date', 'Sat Nov 21 2026 10:00:00 GMT+0000', 'Tue Jan 05 2027 11:01:01 GMT+0000'],
  ['script-date', 'Sat Nov 21 10:00:00 2026', 'Tue Jan  5 11:01:01 2027'],
  ['month-first-date', '11/21/2026', '01/05/2027'],
  ['month-first-date', '11/21/2026 10:00:00 AM', '01/05/2027 11:01:01 AM'],
  ['month-first-date', '11/21/2026, 11:30 PM', '01/06/2027, 12:31 AM'],
  ['day-first-date', '21/11/2026', '05/01/2027'],
  ['day-first-date', '21.11.2026 10:00', '05.01.2027 11:01'],
  ['day-first-date', '21-11-2026', '05-01-2027'],
  ['month-name-date', 'November 21, 2026', 'January 5, 2027'],
  ['month-name-date', 'Sat, Nov 21, 2026', 'Tue, Jan 05, 2027'],
  ['day-month-name-date', '21 November 2026', '5 January 2027'],
  ['day-month-name-date', '21-Nov-2026', '05-Jan-2027'],
  ['day-month-name-date', '21. Oktober 2026', '5. Dezember 2026'],
  ['day-month-name-date', 'samedi 21 novembre 2026', 'mardi 5 janvier 2027'],
  ['day-month-name-date', '21 de noviembre de 2026', '5 de enero de 2027'],
  ['log-date', '21/Nov/2026:10:00:00 +0000', '05/Jan/2027:11:01:01 +0000'],
  ['iso-week', '2026-W47-6', '2027-W01-2'],
  ['compact-date', '20261121', '20270105'],
  ['compact-date-time', '20261121100000', '20270105110101'],
  ['compact-date-time', '20261121-100000', '20270105-110101'],
  ['compact-date-time', '20261121100000.123Z', '20270105110101.123Z'],
  ['compact-date-time', '20261121100000123', '20270105110101123'],
  ['iso-date-unpadded', '2026-9-21', '2026-11-5'],
  ['epoch-seconds', '1795255200', '1799146861'],
  ['epoch-seconds', '1795255200.25', '1799146861.25'],
  ['epoch-milliseconds', '1795255200123', '1799146861123'],
  ['epoch-microseconds', '1795255200123456', '1799146861123456'],
  ['epoch-nanoseconds', '1795255200123456789', '1799146861123456789'],
  ['epoch-2001-seconds', '816948000', '820839661'],
  ['epoch-2001-seconds', '816948000.123456', '820839661.123456'],
  ['epoch-2001-nanoseconds', '816948000123456789', '820839661123456789'],
  ['ticks', '639308520001234567', '639347436611234567'],
  ['filetime', '134397288001234567', '134436204611234567'],
  ['epoch-1601-microseconds', '13439728800123456', '13443620461123456'],
];

test.each(timeFormats.filter(({ hint }) => hint !== undefined).map((format) => [format.name, format] as const))(
  'the hint of %s is in every text of it, in whatever sentence',
  (name, { hint }) => {
    const own = samples.filter(([format]) => format === name).flatMap(([, text, moved]) => [text, moved]);
    for (const text of own)
      for (const around of [text, `(${text})`, `at ${text} it was`]) expect(around).toMatch(hint as RegExp);
  },
);

describe('a time', () => {
  test.each(samples)('in %s: %s moves to %s and back', (format, text, moved) => {
    const found = findTimes(`at ${text} it was`, always);
    expect(found.map((time) => [time.format.name, time.text])).toEqual([[format, text]]);
    const [time] = found;
    expect(time?.format.move(text, later)).toBe(moved);
    expect(time?.format.move(moved, -later)).toBe(text);
  });

  test.each(samples)('in %s: %s says the same moment after a day as a day later', (format, text) => {
    const [time] = findTimes(text, always);
    const [next] = findTimes(time?.format.move(text, 86_400) ?? '', always);
    expect([format, (next?.moment.seconds ?? 0) - (time?.moment.seconds ?? 0)]).toEqual([format, 86_400]);
  });

  test.each([
    ...['2026-13-01', '2026-02-30', '2026-11-21.5', '12026-11-21', '2026-11-211', '13-32-2026', '1.13.2026'],
    ...['179525520', '17952552001', '+1795255200', '1795255200abc', '0.1795255200', '21 Nov', '10:00:00'],
    ...['202611211000', '12345678', '2026.11.21', '1.2026-11-21', '99-2026-11-21', '1.2026-11-21T10:00:00Z'],
    ...['3.1795255200', '3.1795255200123', '12.20261121', '.1795255200', '10.0.1795255200.7', '7.639308520001234567'],
  ])('is not what %s says', (text) => {
    expect(findTimes(text, always)).toEqual([]);
  });

  test.each([
    ...[
      '2026-11-21T10:00:00Z',
      '2026-11-21',
      '1795255200',
      '1795255200123',
      '20261121',
      '20261121T100000Z',
      '11/21/2026',
    ],
    ...['21/11/2026', '2026-W47', '2026-11', '2026-9-21', '816948000', '134397288001234567', '20261121100000'],
  ])('after an operator and a dot is one: gte.%s', (text) => {
    expect(findTimes(`gte.${text}`, always).map((time) => time.text)).toEqual([text]);
    expect(findTimes(`not.lt.${text}`, always).map((time) => time.text)).toEqual([text]);
  });

  test('of a week or a month alone is the week or month that is as far away', () => {
    const [week] = findTimes('2026-W47', always);
    const [month] = findTimes('2026-11', always);
    expect([week?.moment.unit, week?.format.move('2026-W47', 7 * 7 * 86_400)]).toEqual(['week', '2027-W01']);
    expect([month?.moment.unit, month?.format.move('2026-11', 61 * 86_400)]).toEqual(['month', '2027-01']);
    expect(month?.format.move('2027-01', -61 * 86_400)).toBe('2026-11');
  });

  test('outside the window stays', () => {
    expect(findTimes('1984-05-06', [{ from: 1.7e9, to: 1.9e9 }])).toEqual([]);
  });
});
