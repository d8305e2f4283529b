import { expect, test } from 'vitest';
import { hostMatcher } from '../../src/core/host-pattern.js';

test.each([
  [['api.example.com'], 'API.example.com', 443, true],
  [['api.example.com'], 'apiXexample.com', 443, false],
  [['*.example.com'], 'a.b.example.com', 443, true],
  [['*.example.com'], 'example.com', 443, false],
  [['example.com:8443'], 'example.com', 443, false],
  [['example.com:8443'], 'example.com', 8443, true],
  [['*'], 'anything', 1, true],
  [['*:8443'], 'anything', 8443, true],
  [['*:8443'], 'anything', 443, false],
  [['[::1]:443'], '::1', 443, true],
  [['::1'], '::1', 443, true],
  [['127.0.0.*'], '127.0.0.9', 80, true],
  [[], 'example.com', 443, false],
] as const)('patterns %j say of %s:%i: %s', (patterns, host, port, expected) => {
  expect(hostMatcher(patterns)(host, port)).toBe(expected);
});
