import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from './proxy.js';

/** The app under test: a page that shows the total of a cart, and reports what it showed. */
const page = `<!doctype html><title>Cart</title><output>…</output><script>
  fetch('/cart?user=7').then((answer) => answer.json()).then(({ items, currency }) => {
    const total = items.reduce((sum, { price }) => sum + price, 0) + ' ' + currency;
    document.querySelector('output').textContent = total;
    fetch('/statistics', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event: 'cart_shown', total }),
    });
  });
</script>`;
const cart = {
  items: [
    { name: 'tea', price: 4.5 },
    { name: 'cup', price: 12 },
  ],
  currency: 'EUR',
};

const backend = createServer((request, response) => {
  const isPage = request.url === '/';
  response.setHeader('content-type', isPage ? 'text/html; charset=utf-8' : 'application/json');
  request.resume().on('end', () => response.end(isPage ? page : JSON.stringify(cart)));
});
let origin: string;

test.beforeAll(async () => {
  await once(backend.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
});

test.afterAll(() => {
  backend.closeAllConnections();
  backend.close();
});

test('the page shows the total of the prices in the cart, and reports it', async ({ page, session }) => {
  await session.mock({ predicate: { command: '/cart' }, response: { modify: { '$.items[0].price': 99.5 } } });
  await page.goto(origin);
  await expect(page.locator('output')).toHaveText('111.5 EUR');
  await session.expect({
    predicate: { method: 'POST', command: '/statistics', json_params: { '$.total': '111.5 EUR' } },
    within: '5s',
  });
});

test('the page comes over a slow link, too', async ({ page, session }) => {
  await session.link({ rtt: '300ms' });
  await page.goto(origin);
  await expect(page.locator('output')).toHaveText('16.5 EUR');
});
