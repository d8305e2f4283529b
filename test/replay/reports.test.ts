import { expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../helpers/replaying.js';

const report = (path: string, events: object[], answer: Pick<Recorded, 'status' | 'answer'>): Recorded => ({
  method: 'POST',
  url: `http://shop.test${path}`,
  headers: json,
  body: JSON.stringify({ events }),
  ...answer,
});
const click = (name: string): object => ({ name, screen: 'home' });
const silent = { status: 204 };

test('a report of what the client does is taken with any content where all recorded ones were, without a word', async () => {
  const replay = new Replay([report('/collect', [click('a')], silent), report('/collect', [click('b')], silent)]);
  const asked = await replay.ask(report('/collect', [click('a'), click('c')], {}));
  expect(asked.status).toBe(204);
  expect(replay.replayer.misses()).toEqual([]);
});

test('a report that was answered with something, was refused, or goes elsewhere is compared like any request', async () => {
  const spoken = new Replay([report('/collect', [click('a')], { answer: { accepted: 1 } })]);
  expect((await spoken.ask(report('/collect', [click('b')], {}))).status).toBe(502);
  const refused = new Replay([report('/collect', [click('a')], { status: 413 })]);
  expect((await refused.ask(report('/collect', [click('b')], {}))).status).toBe(502);
  const elsewhere = new Replay([report('/collect', [click('a')], silent), report('/orders', [click('a')], silent)]);
  expect((await elsewhere.ask(report('/collect?tenant=2', [click('a')], {}))).status).toBe(502);
  expect((await elsewhere.ask(report('/orders', [click('b')], {}))).status).toBe(502);
});

test('what --on-miss says of a report’s host comes first; what it says of all hosts does not', async () => {
  const recorded = [report('/collect', [click('a')], silent)];
  const asked = report('/collect', [click('b')], {});
  const status = async (host: string, action: 'error' | 418): Promise<number> =>
    (await new Replay(recorded, { onMiss: [{ host, action }] }).ask(asked)).status;
  expect([await status('shop.test', 'error'), await status('shop.test', 418), await status('*', 'error')]).toEqual([
    ...[502, 418, 204],
  ]);
});
