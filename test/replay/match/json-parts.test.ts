import { describe, expect, test } from 'vitest';
import { comparableRequest } from '../../../src/replay/request/comparable-request.js';
import { Place } from '../../../src/replay/request/place.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from '../../../src/replay/match/prepared-request.js';
import { RuleSet } from '../../../src/replay/rules/rule-set.js';

const context: MatchContext = {
  windows: [{ from: 1_760_000_000, to: 1_830_000_000 }],
  appVersions: ['5.1'],
  recordedStart: Date.UTC(2026, 10, 21),
};
/** One that concerns every request and nothing in them, so that each leaf becomes a field. */
const withRules: MatchContext = {
  ...context,
  rules: new RuleSet([{ method: '*', host: '*', path: '*', where: 'json $.absent', is: 'volatile' }]),
};

function prepared(body: string, known = context): PreparedRequest {
  const line = { method: 'POST', scheme: 'https' as const, host: 'api.test', port: 443, target: '/orders' };
  return prepareRequest(
    comparableRequest({ ...line, headers: ['Content-Type', 'application/json'] }, Buffer.from(body)),
    known,
  );
}

const bodies: Record<string, unknown> = {
  'ordinary values': { b: [1, 2.5, 'x', true, null, {}, []], a: { 'a name': 'Ada', id: 17, quantity: 3 } },
  'times, ids and versions': [
    {
      at: '2026-11-21T10:00:00Z',
      ref: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
      n: 1_795_255_200,
      file: 'IMG_3fa85f64.jpg',
    },
    { app: 'Shop/5.1', appVersion: '7', version: '3', build: '12', nonce: 'n', text: 'order 1 of 2026-11-22' },
  ],
  'JSON, a token and GraphQL in strings': {
    json: '{"at":"2026-11-21","b":[1]}',
    jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3OTUyNTUyMDB9.c2ln',
    query: 'query Book($id: ID!) { book(id: $id) { title } }',
  },
  'a call of JSON-RPC': { jsonrpc: '2.0', id: 5, method: 'getBook' },
  'a login': { state: 'abc', redirect_uri: '/', id: 1 },
  'a value alone': 'only',
};

describe('JSON without a field for each leaf', () => {
  test.each(Object.entries(bodies))('is the same as with them: %s', (_, value) => {
    const text = JSON.stringify(value);
    const [direct, byFields] = [prepared(text), prepared(text, withRules)];
    expect(direct.bodyKey).toBe(byFields.bodyKey);
    expect(direct.volatileValues).toEqual(byFields.volatileValues);
  });

  test('has one key in any layout, and in any order of names', () => {
    const one = prepared('{"a":{"x":1.50,"y":"2"},"b":["\\u0041",""]}');
    const other = prepared(' { "b" : ["A" , ""],\n"a":{"y":"2","x":15e-1} } ');
    expect(one.bodyKey).toBe(other.bodyKey);
  });

  test('has another key for each other meaning', () => {
    const twins = [
      ...['{"a":1,"b":2}', '{"a":2,"b":1}', '{"a":"1","b":2}', '{"a":12,"b":2}', '{"a":1}', '{"a":1,"b":[2]}'],
      ...['{"a":[1,2]}', '{"a":[2,1]}', '{"a":[[1],2]}', '{"a":[1,[2]]}', '{"a":null}', '{"a":"null"}', '{"a":{}}'],
      ...[
        '{"a":[]}',
        '{"a":"[]"}',
        '{"a.b":1}',
        '{"a":{"b":1}}',
        '["a"]',
        '"a"',
        '{"a":true}',
        '{"a":9007199254740993}',
      ],
      ...['{"a":9007199254740992}', '{"a":" 1"}', '{"a":"2026-11-21"}', '{"a":"x2026-11-21"}', '{"b":"2026-11-21"}'],
      ...Array.from({ length: 2000 }, (_, i) => `{"lines":[{"qty":${i % 40}},{"qty":${(i / 40) | 0}}]}`),
    ];
    expect(new Set(twins.map((text) => prepared(text).bodyKey)).size).toBe(twins.length);
  });
});

test('a place is the same whatever pieces it is made of', () => {
  const [whole, made] = [Place.of('json $.lines[3].sku'), Place.of('json $').then('.lines').then('[3]').then('.sku')];
  expect([made.text, made.high, made.low]).toEqual([whole.text, whole.high, whole.low]);
});
