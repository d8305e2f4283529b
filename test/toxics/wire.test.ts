import { describe, expect, test } from 'vitest';
import { toxicDefinitions } from '../../src/toxics/index.js';
import type { Toxic } from '../../src/toxics/toxic.js';
import { fromWire, sameToxic, toWire } from '../../src/toxics/wire.js';

const slowClose: Toxic = {
  name: 'bye',
  type: 'slow-close',
  stream: 'downstream',
  toxicity: 0.5,
  attributes: { delay: 100 },
  foreign: false,
};

describe('toWire and fromWire', () => {
  test('ours has Toxiproxy’s name on the wire, and comes back under ours', () => {
    const wire = toWire(slowClose);
    expect(wire).toEqual([
      { name: 'bye', type: 'slow_close', stream: 'downstream', toxicity: 0.5, attributes: { delay: 100 } },
    ]);
    expect(wire.map((toxic) => fromWire(toxic, false))).toEqual([slowClose]);
  });

  test('each connection toxic has the name that Toxiproxy knows, and down has none', () => {
    const types = toxicDefinitions.flatMap(({ type, toWire: wire }) => wire({}).map((toxic) => [type, toxic.type]));
    expect(types).toEqual([
      ['latency', 'latency'],
      ['bandwidth', 'bandwidth'],
      ['slow-close', 'slow_close'],
      ['timeout', 'timeout'],
      ['reset-peer', 'reset_peer'],
      ['slicer', 'slicer'],
      ['limit-data', 'limit_data'],
    ]);
  });

  test.each(['reset_peer', 'noop', 'my-own_toxic'])('a foreign %s goes back as it came', (type) => {
    const wire = { name: 'x', type, stream: 'upstream' as const, toxicity: 1, attributes: { timeout: 99_999 } };
    expect(toWire(fromWire(wire, true))).toEqual([wire]);
  });
});

test('Toxiproxy’s own packet_loss is shown as what it does to the stream, and goes back under its name', () => {
  const wire = { name: 'x', type: 'packet_loss', stream: 'upstream' as const, toxicity: 1, attributes: { loss: 5 } };
  const shown = fromWire(wire, true);
  expect(shown.type).toBe('corrupt');
  expect(toWire(shown)).toEqual([wire]);
});

describe('sameToxic', () => {
  const [wire] = toWire(slowClose);

  test('single precision and attributes that are 0 make no difference', () => {
    expect(sameToxic({ ...wire!, toxicity: 0.1 }, { ...wire!, toxicity: Math.fround(0.1) })).toBe(true);
    expect(sameToxic(wire!, { ...wire!, attributes: { delay: 100, jitter: 0 } })).toBe(true);
  });

  test('type, stream, toxicity and attributes do', () => {
    expect(sameToxic(wire!, { ...wire!, type: 'latency' })).toBe(false);
    expect(sameToxic(wire!, { ...wire!, stream: 'upstream' })).toBe(false);
    expect(sameToxic(wire!, { ...wire!, toxicity: 0.6 })).toBe(false);
    expect(sameToxic(wire!, { ...wire!, attributes: { delay: 101 } })).toBe(false);
  });
});
