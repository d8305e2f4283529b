import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { test, type Proxy } from './proxy.js';

/** The backend: in your tests, whatever your app talks to. */
const backend = createServer((request, response) => {
  const cart = {
    items: [
      { name: 'tea', price: 4.5 },
      { name: 'cup', price: 12 },
    ],
    currency: 'EUR',
  };
  request.resume().on('end', () => response.end(JSON.stringify(request.method === 'GET' ? cart : { ok: true })));
});
let origin: string;

beforeAll(async () => {
  await once(backend.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
});

afterAll(() => {
  backend.closeAllConnections();
  backend.close();
});

/** The app under test: any program that can be given a proxy. */
async function total({ fetch }: Proxy): Promise<string> {
  const cart = (await (await fetch(`${origin}/cart?user=7`)).json()) as {
    items: { price: number }[];
    currency: string;
  };
  const shown = `${cart.items.reduce((sum, { price }) => sum + price, 0)} ${cart.currency}`;
  await fetch(`${origin}/statistics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'cart_shown', total: shown }),
  });
  return shown;
}

test('the total is that of the prices in the cart', async ({ proxy }) => {
  await proxy.mock({
    predicate: { command: '/cart', params: { user: 7 } },
    response: { modify: { '$.items[0].price': 99.5 } },
  });
  expect(await total(proxy)).toBe('111.5 EUR');
  await proxy.expect({
    predicate: { method: 'POST', command: '/statistics', json_params: { '$.total': '111.5 EUR' } },
    count: { min: 1, max: 1 },
    within: '200ms',
  });
});

test('another test meets the backend as it is', async ({ proxy }) => {
  expect(await total(proxy)).toBe('16.5 EUR');
});
