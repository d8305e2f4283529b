import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors/index.js';
import { toxicDefinition } from '../../src/toxics/lookup.js';

describe('toxicDefinition', () => {
  test.each(['slow-close', 'slow_close', 'Slow_Close'])('finds %s', (type) => {
    expect(toxicDefinition(type).type).toBe('slow-close');
  });

  test('an unknown one is refused with what was probably meant', () => {
    const hint = expect.stringMatching(/^Did you mean latency\? There are: latency, bandwidth, /) as string;
    expect(() => toxicDefinition('latancy')).toThrow(UsageError);
    expect(() => toxicDefinition('latancy')).toThrow(
      expect.objectContaining({ message: 'There is no toxic "latancy"', hint }) as Error,
    );
  });

  test('one that is like none of ours is refused with the list', () => {
    expect(() => toxicDefinition('gremlins')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^There are: latency, /) as string }) as Error,
    );
  });
});
