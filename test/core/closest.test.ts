import { describe, expect, test } from 'vitest';
import { closest } from '../../src/core/closest.js';

describe('closest', () => {
  const words = ['latency', 'bandwidth', 'slow-close', 'down'];

  test.each([
    ['latenzy', 'latency'],
    ['Bandwith', 'bandwidth'],
    ['slowclose', 'slow-close'],
    ['dwon', undefined],
    ['dow', 'down'],
    ['jitter', undefined],
    ['', undefined],
  ])('%j is probably %j', (word, expected) => {
    expect(closest(word, words)).toBe(expected);
  });
});
