import { expect, test } from 'vitest';
import { parseS3Place } from '../../src/store/s3/s3-place.js';

test.each([
  ['', 60_000, 100],
  ['?retry-for=2m', 120_000, 100],
  ['?patience=2m', 120_000, 100],
  ['?patience=0s', 0, 100],
  ['?retry-for=0s&retry-delay=5ms', 0, 5],
  ['?retry-delay=1s&region=eu-1', 60_000, 1000],
])('with %j outages are waited for %i ms, and the first other try comes after some %i ms', (query, forMs, delayMs) => {
  expect(parseS3Place(`s3://bucket/prefix${query}`)).toMatchObject({ retryForMs: forMs, retryDelayMs: delayMs });
});

test.each([
  ['?retry-for=soon', 'retry-for'],
  ['?retry-delay=-1s', 'retry-delay'],
  ['?patience=', 'patience'],
  ['?retries=3', 'retries'],
  ['?retry-for=1s&patience=1s', 'patience is the older name of retry-for, and both are given'],
])('%s is refused', (query, said) => {
  expect(() => parseS3Place(`s3://bucket/prefix${query}`)).toThrow(said);
});
