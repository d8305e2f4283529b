import { expect, test } from 'vitest';
import { form, json, Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

/*
 * Of each request of a flow near twins are drawn: one word or number of it is another plausible one. None may get an
 * answer, since no client of these flows gives a name that comes again.
 */

const host = 'http://shop.test';
const get = (target: string, answer: object, headers: readonly string[] = []): Recorded => ({
  ...{ url: host + target, headers, answer },
});
const send = (method: string, target: string, value: object, answer: object, status = 201): Recorded => ({
  ...{ method, url: host + target, headers: json, body: JSON.stringify(value), answer, status },
});
const sendForm = (target: string, body: string, answer: object): Recorded => ({
  ...{ method: 'POST', url: host + target, headers: form, body, answer },
});

const flows: Record<string, readonly Recorded[]> = {
  'jobs that are polled': [
    send('POST', '/jobs', { kind: 'export', pages: 12 }, { id: 7, state: 'queued' }),
    get('/jobs/7', { id: 7, state: 'running' }),
    get('/jobs/7', { id: 7, state: 'done', url: '/files/3' }),
    get('/files/3?format=csv', { rows: 12 }),
  ],
  'things that are sold': [
    get('/catalog/books?sort=price&page=1', { items: [{ id: 41, title: 'Tea' }] }),
    send('POST', '/carts/9/items', { item: 41, count: 2, gift: true }, { total: 24 }),
    send('PUT', '/carts/9/address', { city: 'Berlin', zip: '10115' }, { ok: true }, 200),
    send('POST', '/carts/9/checkout', { method: 'invoice', currency: 'EUR' }, { order: 'A-1007' }),
    get('/orders/A-1007', { order: 'A-1007', total: 24 }),
    send('DELETE', '/carts/9', {}, {}, 200),
  ],
  'calls by name': [
    send('POST', '/rpc', { jsonrpc: '2.0', method: 'stock.reserve', params: { sku: 'tea', count: 3 } }, { ok: 1 }, 200),
    send('POST', '/rpc', { jsonrpc: '2.0', method: 'stock.list', params: { shelf: 'north' } }, { items: ['tea'] }, 200),
    send('POST', '/api/ping', { from: 'kiosk' }, { pong: true }, 200),
  ],
  forms: [
    sendForm('/search', 'q=green+tea&sort=price&size=20', { hits: 3 }),
    sendForm('/newsletter', 'topic=offers&frequency=weekly', { ok: true }),
    get('/newsletter?address=ada', { subscribed: true }),
  ],
  'files of a folder': [
    get('/folders/photos/summer/index', { cover: 'beach' }),
    send('POST', '/folders/photos/share', { with: 'family', days: 14 }, { link: '/s/41' }),
  ],
};

const words = ['teapot', 'lamp', 'delta', 'omega', 'queen', 'harbor'];

/** Another word, another number; undefined where there is none. */
function another(text: string, draw: () => number): string | undefined {
  if (/^\d+$/.test(text)) return String(Number(text) + 1 + Math.floor(draw() * 40));
  if (!/^[A-Za-z]{2,}$/.test(text)) return undefined;
  const others = words.filter((word) => word !== text);
  return others[Math.floor(draw() * others.length)];
}

/** Each text with one of its words or numbers replaced. */
function twinsOf(text: string, draw: () => number): string[] {
  return Array.from(text.matchAll(/[A-Za-z]{2,}|\d+/g)).flatMap(({ 0: word, index }) => {
    const other = another(word, draw);
    return other === undefined ? [] : [text.slice(0, index) + other + text.slice(index + word.length)];
  });
}

function* drawTwins(exchange: Recorded, draw: () => number): Iterable<Incoming> {
  const { method = 'GET', url, headers = [], body } = exchange;
  const own: Incoming = { method, url, headers, ...(body === undefined ? {} : { body }) };
  for (const target of twinsOf(url.slice(host.length), draw)) yield { ...own, url: host + target };
  if (typeof body === 'string') for (const other of twinsOf(body, draw)) yield { ...own, body: other };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function drawFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

test.each(Object.entries(flows).flatMap(([name, flow]) => [1, 2, 3].map((seed) => [name, seed, flow] as const)))(
  'no near twin of a request gets an answer: %s, drawn by %i',
  async (_, seed, flow) => {
    const draw = drawFrom(seed);
    const recorded = new Set(flow.map(keyOf));
    let drawn = 0;
    for (const [position, exchange] of flow.entries()) {
      for (const twin of drawTwins(exchange, draw)) {
        if (recorded.has(keyOf(twin))) continue;
        drawn += 1;
        const replay = new Replay(flow);
        for (const before of flow.slice(0, position)) await replay.ask(asIncoming(before));
        const { notes } = await replay.ask(twin);
        expect(notes.miss, keyOf(twin)).toBeDefined();
      }
    }
    expect(drawn).toBeGreaterThan(5);
  },
);

function asIncoming({ method = 'GET', url, headers = [], body }: Recorded): Incoming {
  return { method, url, headers, ...(body === undefined ? {} : { body }) };
}

function keyOf({ method = 'GET', url, body = '' }: Incoming): string {
  return `${method} ${url} ${body.toString()}`;
}
