import { expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';
import { predicateSchema, type Predicate } from '../../src/overrides/model.js';
import { compilePredicate } from '../../src/overrides/predicate.js';
import { RequestFacts } from '../../src/overrides/request-facts.js';

const form = 'application/x-www-form-urlencoded';

function fit(predicate: Predicate, { target = '/v2/cart/7?page=2&q=tea', body = '', type = 'application/json' } = {}) {
  const request = {
    method: 'POST',
    scheme: 'https' as const,
    host: 'api.example.com',
    port: 443,
    target,
    httpVersion: 'HTTP/1.1' as const,
    headers: ['Content-Type', type],
    body: Body.of(body),
  };
  const checked = predicateSchema.parse(predicate);
  return compilePredicate(checked).fit(new RequestFacts(request, Buffer.from(body)));
}

test.each<[Predicate, number | undefined]>([
  [{}, 0],
  [{ host: 'api.example.com', command: '/v2/cart/7', method: 'post' }, 0],
  [{ host: '*.example.com:443', command: '/v2/*' }, 0],
  [{ host: '*.example.com:8443' }, undefined],
  [{ command: '/v2/cart' }, undefined],
  [{ command: '/v2.cart/7' }, undefined],
  [{ method: 'GET' }, undefined],
  [{ params: { page: 2, q: { $any: true } } }, 2],
  [{ params: { page: '2' } }, 1],
  [{ params: { page: 3 } }, undefined],
  [{ params: { q: { $regex: '^t' } } }, 1],
  [{ params: { missing: { $any: true } } }, undefined],
  [{ excluded_params: ['debug'] }, 0],
  [{ excluded_params: ['page'] }, undefined],
])('%j of host, path and parameters: %s match', (predicate, matches) => {
  expect(fit(predicate)).toBe(matches);
});

test('parameters are those of a form, too', () => {
  expect(fit({ params: { name: 'J\u00f6rg B', page: 2 } }, { body: 'name=J%C3%B6rg+B', type: form })).toBe(2);
});

const body = JSON.stringify({ user: { id: 42 }, events: [{ name: 'open' }, { name: 'buy', price: { amount: 3 } }] });

test.each<[Predicate, number | undefined]>([
  [{ json_params: { '$.user.id': 42 } }, 1],
  [{ json_params: { '$.user.id': '42' } }, undefined],
  [{ json_params: { '$.events[*].name': 'buy', '$..amount': { $any: true } } }, 2],
  [{ json_params: { '$.events[1].price': { amount: 3 } } }, 1],
  [{ json_params: { '$.events[?@.name == "sell"]': { $any: true } } }, undefined],
  [{ excluded_params: ['$.user.name'] }, 0],
  [{ excluded_params: ['$.user.id'] }, undefined],
])('%j of JSON: %s match', (predicate, matches) => {
  expect(fit(predicate, { body })).toBe(matches);
});

test('a body that is not JSON fits no JSONPath, and breaks nothing', () => {
  expect(fit({ json_params: { '$.a': { $any: true } } }, { body: '{oops' })).toBeUndefined();
});

test('index conditions name requests by their number', () => {
  const predicate = compilePredicate({
    applicable_for_requests: { before_index: 5, after_index: 1, with_index: [2, 4, 7] },
  });
  expect([0, 1, 2, 3, 4, 5, 7].filter((index) => predicate.applies(index))).toEqual([2, 4]);
});

test.each([{ json_params: { 'user.id': 1 } }, { command: 'cart' }, { params: { a: { $regex: '(' } } }, { hots: 'a' }])(
  '%j is refused',
  (predicate) => {
    expect(predicateSchema.safeParse(predicate).success).toBe(false);
  },
);
