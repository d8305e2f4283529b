import { describe, expect, test } from 'vitest';
import { toxicDefinitions } from '../../src/toxics/index.js';
import type { Toxic } from '../../src/toxics/toxic.js';
import { definitionOf, networkPartOf } from '../../src/toxics/lookup.js';
import { disabledProxy, fromWire, sameToxic, toWire } from '../../src/toxics/wire.js';
import { pinnedRelease } from '../../supervisor/toxiproxy/provision/release.js';

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

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

  const ofToxiproxy = toxicDefinitions.filter(
    ({ toxiproxy, streams }) => toxiproxy !== undefined && streams !== 'none',
  );
  const others = toxicDefinitions.filter((definition) => !ofToxiproxy.includes(definition));

  test.each(ofToxiproxy)('$type has the name that Toxiproxy knows, and the attributes', ({ type, toxiproxy }) => {
    const wire = { type: type.replaceAll('-', '_'), attributes: { some: 1 } };
    expect(toxiproxy?.toWire({ some: 1 })).toEqual([wire]);
  });

  test.each(ofToxiproxy)('$type is in the Toxiproxy that is fetched', ({ toxiproxy }) => {
    expect(compareVersions(toxiproxy?.since ?? '', pinnedRelease.version)).toBeLessThanOrEqual(0);
  });

  test.each(others)('$type is no toxic on the wire', ({ type }) => {
    expect(toWire({ name: 'x', type, toxicity: 1, attributes: {}, foreign: false })).toEqual([]);
  });

  test.each(others)('a foreign toxic that is called $type is none of ours, and goes back as it came', ({ type }) => {
    const wire = {
      name: 'x',
      type: type.replaceAll('-', '_'),
      stream: 'upstream' as const,
      toxicity: 1,
      attributes: {},
    };
    const shown = fromWire(wire, true);
    expect(definitionOf(shown)).toBeUndefined();
    expect(toWire(shown)).toEqual([wire]);
  });

  test('a proxy that was disabled is the toxic down, and no toxic on the wire', () => {
    expect(networkPartOf(disabledProxy())).toEqual({ listener: 'closed' });
    expect(toWire(disabledProxy())).toEqual([]);
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
