import { expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../helpers/replaying.js';

const host = 'http://shop.test';

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

const makers: Record<string, (random: () => number) => string> = {
  uuid: (random) => `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
  hexadecimal: (random) => hex(random, 32),
};

interface Request {
  method: string;
  path: string;
  body?: unknown;
}

/** A shop with carts: what it says is decided by what was asked of it. */
class Shop {
  readonly #carts = new Map<string, { items: string[]; lines: Map<string, string> }>();

  constructor(private readonly newId: () => string) {}

  answer({ method, path, body }: Request): object {
    const [, , id = '', , line = ''] = path.split('/');
    if (method === 'POST' && id === '') {
      const cart = this.newId();
      this.#carts.set(cart, { items: [], lines: new Map() });
      return { id: cart, ...(body as object), at: '2026-11-21T10:00:00.000Z' };
    }
    const cart = this.#carts.get(id);
    if (cart === undefined) return { error: 'unknown cart' };
    if (method === 'PUT') return { id, ...(body as object) };
    if (method === 'POST') {
      const made = this.newId();
      const { name } = body as { name: string };
      cart.items.push(name);
      cart.lines.set(made, name);
      return { line: made, cart: id };
    }
    if (line !== '') return { cart: id, line, name: cart.lines.get(line) };
    return { id, items: cart.items };
  }
}

type Ask = (request: Request) => Promise<Record<string, unknown>>;

/** One test: a cart of its own, with items that no other one has. Each `yield` is a request. */
async function shopping(ask: Ask, items: readonly string[], owner: string | undefined): Promise<void> {
  const { id } = await ask({ method: 'POST', path: '/carts', body: owner === undefined ? {} : { label: owner } });
  await ask({ method: 'PUT', path: `/carts/${String(id)}`, body: { currency: 'EUR' } });
  const lines: unknown[] = [];
  for (const name of items) {
    const answer = await ask({ method: 'POST', path: `/carts/${String(id)}/items`, body: { name } });
    expect(answer).toMatchObject({ cart: id });
    lines.push(answer['line']);
  }
  expect(await ask({ method: 'GET', path: `/carts/${String(id)}` })).toEqual({ id, items });
  for (const [i, line] of lines.entries()) {
    const answer = await ask({ method: 'GET', path: `/carts/${String(id)}/items/${String(line)}` });
    expect(answer).toEqual({ cart: id, line, name: items[i] });
  }
}

function recordedOf({ method, path, body }: Request, answer: object): Recorded {
  return {
    method,
    url: host + path,
    headers: json,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    answer,
  };
}

async function record(
  lists: readonly (readonly string[])[],
  newId: () => string,
  owner?: () => string,
): Promise<Recorded[]> {
  const shop = new Shop(newId);
  const recorded: Recorded[] = [];
  for (const items of lists) {
    await shopping(
      (request) => {
        const answer = shop.answer(request);
        recorded.push(recordedOf(request, answer));
        return Promise.resolve(answer as Record<string, unknown>);
      },
      items,
      owner?.(),
    );
  }
  return recorded;
}

/** Asks a replay; what is no answer of the recording fails the test. */
function asking(replay: Replay): Ask {
  return async (request) => {
    const { status, text } = await replay.ask(recordedOf(request, {}));
    if (status !== 200) throw new Error(`${request.method} ${request.path} ${JSON.stringify(request.body)}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
}

const lists = [['apples'], ['pears', 'figs'], ['plums', 'dates'], ['plums', 'nuts'], ['plums', 'kiwis', 'apples']];

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as Item);
}

for (const [kind, make] of Object.entries(makers)) {
  test.each(Array.from({ length: 8 }, (_, i) => i + 1))(
    `flows that began alike are told apart by what their clients go on with, one by one in any order: ${kind}, seed %i`,
    async (seed) => {
      const random = seeded(seed);
      const replay = new Replay(await record(lists, () => make(random)));
      for (const items of shuffled(lists, random)) await shopping(asking(replay), items, undefined);
      expect(replay.replayer.misses()).toEqual([]);
      expect(replay.replayer.unused()).toEqual([]);
    },
  );

  test.each(Array.from({ length: 8 }, (_, i) => i + 1))(`so are those side by side: ${kind}, seed %i`, async (seed) => {
    const random = seeded(seed * 31);
    const replay = new Replay(await record(lists, () => make(random)));
    const waiting: (() => void)[] = [];
    const ask = asking(replay);
    const inTurn: Ask = async (request) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return ask(request);
    };
    let running = lists.length;
    const all = shuffled(lists, random).map((items) =>
      shopping(inTurn, items, undefined).finally(() => (running -= 1)),
    );
    while (running > 0) {
      waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    expect(replay.replayer.misses()).toEqual([]);
  });
}

test.each([1, 2, 3, 4, 5, 6])(
  'names that the client makes anew may be exchanged with the rest: seed %i',
  async (seed) => {
    const random = seeded(seed * 7);
    const owner = (): string => `user_${hex(random, 2)}7${hex(random, 3)}`;
    const replay = new Replay(await record(lists, () => makers['uuid']?.(random) ?? '', owner));
    for (const items of shuffled(lists, random)) await shopping(asking(replay), items, owner());
    expect(replay.replayer.misses()).toEqual([]);
  },
);

test('what no flow went on with is a miss, and so is what two of them did in one', async () => {
  const random = seeded(5);
  const recorded = await record([['apples'], ['pears']], () => makers['uuid']?.(random) ?? '');
  const begin = async (): Promise<{ ask: Ask; id: string; replay: Replay }> => {
    const replay = new Replay(recorded);
    const ask = asking(replay);
    const { id } = await ask({ method: 'POST', path: '/carts', body: {} });
    await ask({ method: 'PUT', path: `/carts/${String(id)}`, body: { currency: 'EUR' } });
    return { ask, id: String(id), replay };
  };
  const other = await begin();
  await expect(
    other.ask({ method: 'POST', path: `/carts/${other.id}/items`, body: { name: 'melons' } }),
  ).rejects.toThrow('is not in the recording');
  const both = await begin();
  await both.ask({ method: 'POST', path: `/carts/${both.id}/items`, body: { name: 'pears' } });
  await expect(both.ask({ method: 'POST', path: `/carts/${both.id}/items`, body: { name: 'apples' } })).rejects.toThrow(
    'is not in the recording',
  );
});

test('flows whose first answers say something else are not exchanged', async () => {
  const random = seeded(9);
  const ids = [makers['uuid']?.(random), makers['uuid']?.(random)];
  const recorded = ids.flatMap((id, i) => [
    recordedOf({ method: 'POST', path: '/carts', body: {} }, { id, table: i + 1 }),
    recordedOf({ method: 'POST', path: `/carts/${id}/items`, body: { name: ['apples', 'pears'][i] } }, { ok: true }),
  ]);
  const replay = new Replay(recorded);
  const ask = asking(replay);
  const { id } = await ask({ method: 'POST', path: '/carts', body: {} });
  await expect(ask({ method: 'POST', path: `/carts/${String(id)}/items`, body: { name: 'pears' } })).rejects.toThrow(
    'is not in the recording',
  );
});
