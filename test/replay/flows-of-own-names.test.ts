import { expect, test } from 'vitest';
import { json, Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

const host = 'http://store.test';

/** Numbers by chance that are the same in each run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function hex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** How tests name what they make, each time otherwise. */
const makers: Record<string, (random: () => number) => string> = {
  uuid: (random) => `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
  'six digits': (random) => `a${hex(random, 4)}7`,
  'behind a word': (random) => `bucket-${hex(random, 5)}4c`,
  'UUID with dots': (random) =>
    `${hex(random, 7)}b.${hex(random, 3)}1.4${hex(random, 3)}.a${hex(random, 3)}.${hex(random, 11)}f`,
};

/** One test of a suite: a bucket of its own, with files that no other test has. */
interface Flow {
  files: readonly string[];
}

const flows: readonly Flow[] = [
  { files: ['apples'] },
  { files: ['pears', 'figs'] },
  { files: ['plums', 'dates'] },
  { files: ['nuts'] },
  { files: ['kiwis', 'limes', 'melons'] },
];

/** By path, as an object store has it. */
function byPath(name: string, { files }: Flow): [Incoming, string][] {
  return [
    [{ method: 'PUT', url: `${host}/${name}` }, ''],
    ...files.map((file): [Incoming, string] => [
      { method: 'PUT', url: `${host}/${name}/${file}`, headers: json, body: `{"of":"${file}"}` },
      `kept ${file} in ${name}`,
    ]),
    [{ url: `${host}/${name}` }, `${name}: ${files.join(' ')}`],
  ];
}

/** By names in bodies, as a queue has it. */
function byBody(name: string, { files }: Flow): [Incoming, string][] {
  const post = (target: string, body: object): Incoming => {
    const headers = [...json, 'X-Amz-Target', `Store.${target}`];
    return { method: 'POST', url: `${host}/`, headers, body: JSON.stringify(body) };
  };
  return [
    [post('Create', { name }), `${host}/7/${name}`],
    ...files.map((file): [Incoming, string] => [
      post('Put', { bucket: `${host}/7/${name}`, file }),
      `kept ${file} in ${name}`,
    ]),
    [post('List', { bucket: `${host}/7/${name}` }), `${name}: ${files.join(' ')}`],
  ];
}

function recorded(parts: readonly [Incoming, string][][]): Recorded[] {
  return parts.flat().map(([incoming, answer]) => ({ ...incoming, answer }));
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as Item);
}

for (const [kind, make] of Object.entries(makers)) {
  for (const [way, steps] of Object.entries({ byPath, byBody })) {
    test.each([1, 2, 3, 4, 5, 6])(
      `tests that name their buckets themselves run in any order, ${way}, ${kind}: %i`,
      async (seed) => {
        const random = seeded(seed);
        const replay = new Replay(recorded(flows.map((flow) => steps(make(random), flow))));
        for (const flow of shuffled(flows, random)) {
          for (const [incoming, answer] of steps(make(random), flow))
            expect((await replay.ask(incoming)).text).toBe(answer);
        }
        expect(replay.replayer.misses()).toEqual([]);
      },
    );

    test.each([1, 2, 3, 4, 5, 6])(`so do those side by side, ${way}, ${kind}: %i`, async (seed) => {
      const random = seeded(seed * 77);
      const replay = new Replay(recorded(flows.map((flow) => steps(make(random), flow))));
      const left = shuffled(flows, random).map((flow) => steps(make(random), flow));
      while (left.length > 0) {
        const at = Math.floor(random() * left.length);
        const [incoming, answer] = left[at]?.shift() ?? [];
        if (incoming === undefined) left.splice(at, 1);
        else expect((await replay.ask(incoming)).text).toBe(answer);
      }
    });

    test(`a file of another test in the same bucket is a miss: ${way}, ${kind}`, async () => {
      const random = seeded(5);
      const replay = new Replay(recorded(flows.map((flow) => steps(make(random), flow))));
      const name = make(random);
      const [create, put] = steps(name, { files: ['pears'] }).map(([incoming]) => incoming) as [Incoming, Incoming];
      const [, other] = steps(name, { files: ['nuts'] }).map(([incoming]) => incoming);
      expect((await replay.ask(create)).status).toBe(200);
      expect((await replay.ask(put)).text).toBe(`kept pears in ${name}`);
      expect((await replay.ask(other as Incoming)).status).toBe(502);
    });
  }
}
