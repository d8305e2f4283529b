import { expect, test } from 'vitest';
import { splitUrl } from '../../src/http/split-url.js';

test.each([
  ['https://api.test/a?b=1#c', 'https', 'api.test', 443, '/a?b=1'],
  ['http://API.test:8080', 'http', 'api.test', 8080, '/'],
  ['https://api.test?q=/x', 'https', 'api.test', 443, '/?q=/x'],
  ['https://api.test#top', 'https', 'api.test', 443, '/'],
  ['https://api.test/a#b?c', 'https', 'api.test', 443, '/a'],
  ['wss://u:p@api.test/live', 'https', 'api.test', 443, '/live'],
  ['ws://[::1]:81/x%20y?z', 'http', '::1', 81, '/x%20y?z'],
  ['HTTP://a.test/http://b.test/', 'http', 'a.test', 80, '/http://b.test/'],
])('%s is split as a request is', (url, scheme, host, port, target) => {
  expect(splitUrl(url)).toEqual({ scheme, host, port, target });
});

test.each(['ftp://a.test/', 'about:blank', '', 'a.test/x', 'data:text/plain,http://a.test/'])('%s is none', (url) => {
  expect(splitUrl(url)).toBeUndefined();
});
