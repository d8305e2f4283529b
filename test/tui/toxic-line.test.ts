import { expect, test } from 'vitest';
import { parseToxicLine } from '../../src/tui/toxic-line.js';

test('a line means what it means after "proxyctl toxic"', () => {
  expect(parseToxicLine('latency 300ms --jitter 50ms --stream both --toxicity 50% --name slow')).toEqual({
    type: 'latency',
    attributes: { latency: '300ms', jitter: '50ms' },
    stream: 'both',
    toxicity: 0.5,
    name: 'slow',
  });
  expect(parseToxicLine('  slicer 1kb --size-variation=100b ')).toEqual({
    type: 'slicer',
    attributes: { average_size: '1kb', size_variation: '100b' },
  });
  expect(parseToxicLine('latency 1s --stream up').stream).toBe('upstream');
  expect(parseToxicLine('down')).toEqual({ type: 'down', attributes: {} });
});

test.each([
  ['', 'There is no toxic ""'],
  ['lag 3s', 'There is no toxic "lag"'],
  ['latency 3s 4s', 'latency takes one value, and "4s" is a second one'],
  ['down 4s', 'down takes no value, and "4s" was given'],
  ['latency --jitter', '--jitter needs a value'],
  ['latency 3s --speed 4', 'latency has no --speed'],
  ['latency 3s --stream sideways', '"sideways" is no direction'],
  ['latency 3s --toxicity 2', '"2" is over 1'],
])('"%s" is refused: %s', (line, message) => {
  expect(() => parseToxicLine(line)).toThrow(message);
});
