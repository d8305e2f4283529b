import { describe, expect, test } from 'vitest';
import { describeAttributes, parseToxicAttributes } from '../../src/toxics/attributes.js';
import { toxicDefinitions, type AttributeValue } from '../../src/toxics/index.js';
import { toxicDefinition } from '../../src/toxics/lookup.js';

function parse(type: string, input: Record<string, unknown>): Record<string, AttributeValue> {
  return parseToxicAttributes(toxicDefinition(type), input);
}

describe('parseToxicAttributes', () => {
  test.each([
    ['latency', { latency: '300ms' }, { latency: 300, jitter: 0 }],
    ['latency', { latency: 300, jitter: '50ms' }, { latency: 300, jitter: 50 }],
    ['bandwidth', { rate: '1.6mbit' }, { rate: 200 }],
    ['slow-close', { delay: '2s' }, { delay: 2000 }],
    ['timeout', { timeout: '0' }, { timeout: 0 }],
    ['reset-peer', {}, { timeout: 0 }],
    ['slicer', { average_size: '64b', delay: '10ms' }, { average_size: 64, size_variation: 0, delay: 10_000 }],
    ['limit-data', { bytes: '64kb' }, { bytes: 64_000 }],
    ['down', {}, {}],
  ])('%s %j → %j', (type, input, expected) => {
    expect(parse(type, input)).toEqual(expected);
  });

  test.each([
    ['latency', {}, 'Toxic latency: latency is missing (a duration, ms)'],
    ['latency', { latency: '200' }, 'Toxic latency: latency: "200" has no unit. Write 200ms or 200s'],
    ['latency', { latency: '2d' }, 'Toxic latency: latency: "2d" is out of range: from 0ms to 86400000ms'],
    ['latency', { latency: true }, 'Toxic latency: latency is true; it must be a number of ms, or text with a unit'],
    [
      'latency',
      { latency: '1s', jiter: '5ms' },
      'Toxic latency: there is no attribute "jiter" (did you mean jitter?); it has latency, jitter',
    ],
    ['latency', { latency: '50ms', jitter: '60ms' }, 'The jitter (60ms) is larger than the latency (50ms)'],
    ['bandwidth', { rate: 0 }, 'Toxic bandwidth: rate: 0 kB/s is out of range: from 1kb to 10000000kb'],
    [
      'bandwidth',
      { rate: '750kbit' },
      'Toxic bandwidth: rate: "750kbit" is not a whole number of kB/s. Write 93kb or 94kb',
    ],
    ['slicer', { average_size: '0b' }, 'Toxic slicer: average_size: "0b" is out of range: from 1b to 32768b'],
    [
      'slicer',
      { average_size: '64b', size_variation: '64b' },
      'The size variation (64b) is not less than the average size (64b)',
    ],
    ['reset-peer', { timeout: '30s' }, 'Toxic reset-peer: timeout: "30s" is out of range: from 0ms to 20000ms'],
    ['down', { timeout: 1 }, 'Toxic down: there is no attribute "timeout"; it has none'],
    [
      'latency',
      { latency: '5', jitter: '6' },
      'Toxic latency: latency: "5" has no unit. Write 5ms or 5s; jitter: "6" has no unit. Write 6ms or 6s',
    ],
  ])('%s %j is refused in words', (type, input, message) => {
    expect(() => parse(type, input)).toThrow(expect.objectContaining({ code: 'PROXYCTL_USAGE', message }) as Error);
  });
});

describe('describeAttributes', () => {
  test('tells unit, range and default', () => {
    expect(describeAttributes(toxicDefinition('latency'))).toEqual([
      {
        name: 'latency',
        description: 'Mean delay of each chunk',
        unit: 'ms',
        placeholder: 'duration',
        min: 0,
        max: 86_400_000,
        whole: true,
      },
      {
        name: 'jitter',
        description: 'Largest deviation from the mean, either way',
        unit: 'ms',
        placeholder: 'duration',
        min: 0,
        max: 86_400_000,
        whole: true,
        default: 0,
      },
    ]);
  });

  test.each(toxicDefinitions)(
    '$type describes all of its attributes, and its argument is one of them',
    (definition) => {
      const names = describeAttributes(definition).map(({ name }) => name);
      expect(names).toEqual(Object.keys(definition.attributes.shape));
      if (definition.argument !== undefined) expect(names).toContain(definition.argument);
      expect(definition.examples.length).toBeGreaterThan(0);
    },
  );
});
