import { expect, test } from 'vitest';
import { json, Replay, type Recorded } from '../../helpers/replaying.js';

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
  const incoming = await replay.ask(report('/collect', [click('a'), click('c')], {}));
  expect(incoming.status).toBe(204);
  expect(replay.replayer.misses()).toEqual([]);
});

test('an answer that only says that the report has come is given to any other', async () => {
  const taken = { answer: { status: 'ok' } };
  const replay = new Replay([report('/stat/batch', [click('a')], taken)]);
  expect((await replay.ask(report('/stat/batch', [click('b'), click('c')], {}))).json()).toEqual({ status: 'ok' });
  const counted = { answer: { accepted: 2 } };
  const always = new Replay([report('/collect', [click('a')], counted), report('/collect', [click('b')], counted)]);
  expect((await always.ask(report('/collect', [click('d')], {}))).json()).toEqual({ accepted: 2 });
});

test('a batch of events with what a client tells of itself is a report wherever it goes; a list of appointments is none', async () => {
  const happened = (name: string): object => ({ name, ts: 1795255200000, device: { os: '14', battery: 80 }, seq: 1 });
  const replay = new Replay([
    report('/mobile/events', [happened('tap')], { status: 202, answer: { accepted: true } }),
    report('/calendar/events', [{ name: 'Lunch', start: 1795255200000 }], { answer: { ok: true } }),
  ]);
  const another = [happened('view'), happened('scroll')];
  expect((await replay.ask(report('/mobile/events', another, {}))).json()).toEqual({ accepted: true });
  const dinner = report('/calendar/events', [{ name: 'Dinner', start: 1795255200000 }], {});
  expect((await replay.ask(dinner)).status).toBe(502);
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
  const incoming = report('/collect', [click('b')], {});
  const status = async (host: string, action: 'error' | 418): Promise<number> =>
    (await new Replay(recorded, { onMiss: [{ host, action }] }).ask(incoming)).status;
  expect([await status('shop.test', 'error'), await status('shop.test', 418), await status('*', 'error')]).toEqual([
    ...[502, 418, 204],
  ]);
});
