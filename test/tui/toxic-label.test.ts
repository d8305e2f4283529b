import { expect, test } from 'vitest';
import { formatToxic, formatToxics } from '../../src/tui/toxic-label.js';
import { sampleToxic } from './samples.js';

test('a toxic is told with its value, its spread, its direction and its share of connections', () => {
  expect(formatToxic(sampleToxic({ attributes: { latency: 300, jitter: 50 } }))).toBe('latency 300ms±50 ↓');
  expect(formatToxic(sampleToxic({ attributes: { latency: 2000, jitter: 50 }, stream: 'upstream' }))).toBe(
    'latency 2s±50ms ↑',
  );
  expect(formatToxic(sampleToxic({ toxicity: 0.25 }))).toBe('latency 300ms ↓ 25%');
});

test('each unit is spelt as the command line takes it', () => {
  const told = (type: string, attributes: Record<string, number>) => formatToxic({ type, attributes });
  expect(told('bandwidth', { rate: 200 })).toBe('bandwidth 200kb');
  expect(told('bandwidth', { rate: 2500 })).toBe('bandwidth 2.5mb');
  expect(told('timeout', { timeout: 0 })).toBe('timeout 0ms');
  expect(told('limit-data', { bytes: 64_000 })).toBe('limit-data 64kb');
  expect(told('slicer', { average_size: 1000, size_variation: 100, delay: 50 })).toBe('slicer 1kb±100b delay=50us');
});

test('the same toxic in both directions is told once', () => {
  const both = [sampleToxic({ stream: 'upstream' }), sampleToxic({ stream: 'downstream' })];
  expect(formatToxics(both)).toBe('latency 300ms ↕');
  expect(formatToxics([...both, sampleToxic({ attributes: { latency: 1 } })])).toBe('latency 300ms ↕, latency 1ms ↓');
});

test('a toxic of another program is marked, and one of an unknown type told by its attributes', () => {
  expect(formatToxic(sampleToxic({ foreign: true }))).toBe('latency 300ms ↓*');
  expect(formatToxic({ type: 'noise', attributes: { level: 3 } })).toBe('noise level=3');
});
