import { expect, test } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../../src/core/logger.js';
import { defineToxic, type ToxicDefinition } from '../../src/toxics/index.js';
import type { Toxic } from '../../src/toxics/toxic.js';
import { OwnToxics } from '../../src/worker/own-toxics.js';

const hold = defineToxic({
  type: 'hold',
  summary: 'Hold each connection',
  attributes: z.strictObject({ delay: z.number() }),
  examples: [],
  streams: 'none',
  state: () => ({ held: 0 }),
  onConnection({ delay }, state) {
    state.held += 1;
    return { delayMs: delay };
  },
});
const broken = defineToxic({
  type: 'broken',
  summary: 'Fail',
  attributes: z.strictObject({}),
  examples: [],
  streams: 'none',
  onConnection: () => {
    throw new Error('broken');
  },
});
const known: Record<string, unknown> = { hold, broken };

const toxic = (name: string, type: string, more: Partial<Toxic> = {}): Toxic => ({
  ...{ name, type, toxicity: 1, foreign: false, attributes: { delay: 5 } },
  ...more,
});

function ownToxics(): OwnToxics {
  return new OwnToxics({
    logger: silentLogger,
    onChange: () => undefined,
    definitionOf: ({ type }) => known[type] as ToxicDefinition | undefined,
  });
}

test('delays of connections add up, and each toxic keeps its own count', () => {
  const toxics = ownToxics();
  toxics.set([
    { toxic: toxic('a', 'hold'), run: 1 },
    { toxic: toxic('b', 'hold', { attributes: { delay: 7 } }), run: 2 },
  ]);
  expect(toxics.connection(undefined).fate).toEqual({ delayMs: 12 });
  expect(toxics.states()).toEqual([
    { name: 'a', run: 1, state: { held: 1 } },
    { name: 'b', run: 2, state: { held: 1 } },
  ]);
});

test('a toxic of a host sees the connections to that host alone', () => {
  const toxics = ownToxics();
  toxics.set([{ toxic: toxic('a', 'hold', { host: '*.one.test' }), run: 1 }]);
  expect(toxics.connection(undefined).fate).toBeUndefined();
  expect(toxics.connection('other.test').fate).toBeUndefined();
  expect(toxics.connection('*.one.test').fate).toEqual({ delayMs: 5 });
});

test('state is kept while a toxic stands, restored by its run, and not taken from another run of its name', () => {
  const toxics = ownToxics();
  const before = [{ name: 'a', run: 3, state: { held: 8 } }];
  toxics.set([{ toxic: toxic('a', 'hold'), run: 3 }], before);
  toxics.set([{ toxic: toxic('a', 'hold', { attributes: { delay: 9 } }), run: 3 }]);
  toxics.connection(undefined);
  expect(toxics.states()).toEqual([{ name: 'a', run: 3, state: { held: 9 } }]);
  toxics.set([{ toxic: toxic('a', 'hold'), run: 4 }], before);
  expect(toxics.states()).toEqual([]);
});

test('a toxic that fails does nothing, and the others act', () => {
  const toxics = ownToxics();
  toxics.set([
    { toxic: toxic('bad', 'broken'), run: 1 },
    { toxic: toxic('a', 'hold'), run: 2 },
  ]);
  expect(toxics.connection(undefined).fate).toEqual({ delayMs: 5 });
});
