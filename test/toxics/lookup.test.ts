import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors/index.js';
import { toxicDefinitions } from '../../src/toxics/index.js';
import { toxicDefinition } from '../../src/toxics/lookup.js';

const names = toxicDefinitions.map(({ type }) => type).join(', ');

describe('toxicDefinition', () => {
  test.each(['slow-close', 'slow_close', 'Slow_Close'])('finds %s', (type) => {
    expect(toxicDefinition(type).type).toBe('slow-close');
  });

  test('an unknown one is refused with what was probably meant', () => {
    const hint = `Did you mean latency? There are: ${names}.`;
    expect(() => toxicDefinition('latancy')).toThrow(UsageError);
    expect(() => toxicDefinition('latancy')).toThrow(
      expect.objectContaining({ message: 'There is no toxic "latancy"', hint }) as Error,
    );
  });

  test('one that is like none of ours is refused with the list', () => {
    expect(() => toxicDefinition('gremlins')).toThrow(
      expect.objectContaining({ hint: `There are: ${names}.` }) as Error,
    );
  });
});
