import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  bytes,
  bytesWithin,
  kilobytesPerSecond,
  kilobytesPerSecondWithin,
  microseconds,
  milliseconds,
  millisecondsWithin,
  quantityMeta,
  share,
} from '../../src/core/quantities.js';
import { describeIssues } from '../../src/errors/index.js';

function faultOf(schema: z.ZodType, input: unknown): string {
  const result = schema.safeParse(input);
  return result.success ? `accepted as ${String(result.data)}` : describeIssues(result.error);
}

describe('quantities', () => {
  test.each([
    [milliseconds, '300ms', 300],
    [milliseconds, '1.005s', 1005],
    [milliseconds, '2m', 120_000],
    [milliseconds, '0', 0],
    [milliseconds, 250, 250],
    [milliseconds, 0.5, 0.5],
    [microseconds, '50us', 50],
    [microseconds, '2ms', 2000],
    [kilobytesPerSecond, '200kb', 200],
    [kilobytesPerSecond, '200KB/s', 200],
    [kilobytesPerSecond, '1.6mbit', 200],
    [kilobytesPerSecond, '1.5mb', 1500],
    [bytes, '64kb', 64_000],
    [bytes, '10mib', 10_485_760],
    [bytes, 17, 17],
    [share, '5%', 0.05],
    [share, '0.05', 0.05],
    [share, 1, 1],
  ])('%#: %o reads %j as %j', (schema, input, expected) => {
    expect(schema.parse(input)).toBe(expected);
  });

  test.each([
    [milliseconds, '200', '"200" has no unit. Write 200ms or 200s'],
    [
      kilobytesPerSecond,
      '200',
      '"200" has no unit. Write 200kb (kilobytes per second) or 200kbit (kilobits per second)',
    ],
    [bytes, '200', '"200" has no unit. Write 200b (bytes) or 200kb (kilobytes)'],
    [milliseconds, '-5ms', '"-5ms" is negative. A duration is 0 or more: write 300ms or 2s'],
    [milliseconds, -5, '-5 ms is out of range: from 0ms to 86400000ms'],
    [milliseconds, '2d', '"2d" is out of range: from 0ms to 86400000ms'],
    [milliseconds, 'soon', '"soon" is not a duration. Write 300ms or 2s'],
    [
      milliseconds,
      '5 parsecs',
      '"5 parsecs" has an unknown unit "parsecs". Durations are written like 300ms, 2s, 5m or 1h',
    ],
    [share, '2', '"2" is over 1. Write 2% or 0.02'],
    [share, 2, '2 is out of range: from 0 to 1'],
    [share, '200%', '"200%" is over 100%. Write a share between 0% and 100%'],
    [bytes, '1.5b', '"1.5b" is 1.5 bytes. Write a whole number of bytes: 1b or 2b'],
    [bytes, 1.5, '1.5 bytes is not a whole number of bytes. Write 1b or 2b'],
  ])('%#: %o refuses %j in words', (schema, input, message) => {
    expect(faultOf(schema, input)).toBe(message);
  });

  test('what would be rounded is refused with the two nearest spellings', () => {
    const whole = kilobytesPerSecondWithin({ min: 1, whole: true });
    expect(faultOf(whole, '750kbit')).toBe('"750kbit" is not a whole number of kB/s. Write 93kb or 94kb');
    expect(faultOf(millisecondsWithin({ whole: true }), '1.5ms')).toBe(
      '"1.5ms" is not a whole number of ms. Write 1ms or 2ms',
    );
  });

  test('a limit of its own is named with its unit', () => {
    expect(faultOf(bytesWithin({ min: 1, max: 10 }), '0b')).toBe('"0b" is out of range: from 1b to 10b');
  });

  test.each([[true], [null], [[]], [Number.NaN], [Number.POSITIVE_INFINITY]])('%j is no quantity', (input) => {
    expect(milliseconds.safeParse(input).success).toBe(false);
  });

  test('unit and range are there for help and reference pages', () => {
    expect(quantityMeta(milliseconds.describe('A delay'))).toEqual({
      unit: 'ms',
      placeholder: 'duration',
      min: 0,
      max: 86_400_000,
      whole: false,
    });
  });
});
