import { expect, test } from 'vitest';
import { form, json, Replay, type Incoming, type Recorded } from '../helpers/replaying.js';

const host = 'http://tables.test';
const [then, now] = ['4d861674-0847-45e9-94c3-aab55d5c396b', '745f5e62-86e1-45d5-95c9-e5a9842a3d43'];

function post(path: string, body: object): Incoming {
  return { method: 'POST', url: host + path, headers: json, body: JSON.stringify(body) };
}

/** How a table is asked for that has the id in the name of a member or field. */
const places: Record<string, (id: string, item: string) => Incoming> = {
  'a member': (id, item) => post('/batch', { items: { [id]: { put: item } } }),
  'a part of a member': (id, item) => post('/batch', { items: { [`T${id}`]: [{ put: item }] } }),
  'a parameter': (id, item) => ({ url: `${host}/batch?item[${id}]=${item}` }),
  'a form field': (id, item) => ({ method: 'POST', url: `${host}/batch`, headers: form, body: `item_${id}=${item}` }),
  'a member in a string': (id, item) => post('/batch', { query: JSON.stringify({ [id]: item }) }),
};

function recorded(incoming: Incoming, answer: object): Recorded {
  return { ...incoming, answer };
}

test.each(Object.entries(places))('an id that the client made is the same one as the name of %s', async (_, ask) => {
  const replay = new Replay([
    recorded(post('/tables', { table: `T${then}` }), { created: `T${then}` }),
    recorded(ask(then, 'apples'), { kept: 'apples', in: `T${then}` }),
  ]);
  expect((await replay.ask(post('/tables', { table: `T${now}` }))).json()).toEqual({ created: `T${now}` });
  expect((await replay.ask(ask(now, 'apples'))).json()).toEqual({ kept: 'apples', in: `T${now}` });
  const other = '0e37b96e-1007-43c3-9a90-0036b21bccc5';
  expect((await replay.ask(ask(other, 'apples'))).status).toBe(502);
  expect((await replay.ask(ask(now, 'pears'))).status).toBe(502);
});
