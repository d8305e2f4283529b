import { expect, test } from 'vitest';
import { checkAccess } from '../../src/api/access.js';

const rules = { token: 'right', allowedHosts: ['build-7'] };
const authorization = 'Bearer right';

test.each(['127.0.0.1:4600', 'localhost:4600', '[::1]:4600', '10.0.0.5:4600', 'build-7:4600'])(
  'a request to %s with the token passes',
  (host) => {
    expect(() => checkAccess(rules, { host, authorization })).not.toThrow();
  },
);

test('a request under a name that is not ours is refused, as a rebound DNS name would come', () => {
  expect(() => checkAccess(rules, { host: 'evil.example:4600', authorization })).toThrow(
    expect.objectContaining({ code: 'PROXYCTL_FORBIDDEN' }),
  );
  expect(() => checkAccess(rules, { authorization })).toThrow(expect.objectContaining({ code: 'PROXYCTL_FORBIDDEN' }));
});

test('a web page is refused even with the token', () => {
  expect(() => checkAccess(rules, { host: 'localhost', origin: 'https://evil.example', authorization })).toThrow(
    expect.objectContaining({ code: 'PROXYCTL_FORBIDDEN' }),
  );
});

test('web pages of an origin that was let in pass with the token, those of others do not', () => {
  const open = { ...rules, allowedOrigins: ['https://dashboard.example'] };
  const ask = (origin: string, given?: string) => () =>
    checkAccess(open, { host: 'localhost', origin, ...(given === undefined ? {} : { authorization: given }) });
  expect(ask('https://dashboard.example', authorization)).not.toThrow();
  expect(ask('https://dashboard.example')).toThrow(expect.objectContaining({ code: 'PROXYCTL_UNAUTHORIZED' }));
  expect(ask('https://dashboard.example:8443', authorization)).toThrow(
    expect.objectContaining({ code: 'PROXYCTL_FORBIDDEN' }),
  );
});

test.each([undefined, 'Bearer wrong', 'Bearer ', 'right', 'Basic right'])('authorization %j is refused', (given) => {
  expect(() =>
    checkAccess(rules, { host: 'localhost', ...(given === undefined ? {} : { authorization: given }) }),
  ).toThrow(expect.objectContaining({ code: 'PROXYCTL_UNAUTHORIZED' }));
});
