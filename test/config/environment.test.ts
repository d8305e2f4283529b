import { afterEach, describe, expect, test, vi } from 'vitest';
import { environment } from '../../src/config/environment.js';

afterEach(() => vi.unstubAllEnvs());

describe('environment', () => {
  test('a variable is read when it is asked for', () => {
    vi.stubEnv('PROXYCTL_SESSION', 's1');
    expect(environment.session).toBe('s1');
    vi.stubEnv('PROXYCTL_SESSION', 's2');
    expect(environment.session).toBe('s2');
  });

  test('a variable that is set to nothing counts as not set', () => {
    vi.stubEnv('PROXYCTL_TOKEN', '');
    expect(environment.token).toBeUndefined();
  });

  test('a URL loses its trailing slash', () => {
    vi.stubEnv('PROXYCTL_URL', 'http://127.0.0.1:4600/');
    expect(environment.url).toBe('http://127.0.0.1:4600');
  });

  test.each(['127.0.0.1:4600', 'ftp://host', 'nonsense'])('PROXYCTL_URL=%s is refused by name', (value) => {
    vi.stubEnv('PROXYCTL_URL', value);
    expect(() => environment.url).toThrow(`PROXYCTL_URL is "${value}"`);
  });

  test.each([
    ['', false],
    ['0', false],
    ['false', false],
    ['1', true],
    ['true', true],
    ['woodpecker', true],
  ])('CI=%j means %s', (value, expected) => {
    vi.stubEnv('CI', value);
    expect(environment.ci).toBe(expected);
  });

  test('the proxy variables that are set are listed under their own names', () => {
    for (const name of Object.keys(environment.proxies)) vi.stubEnv(name, '');
    vi.stubEnv('https_proxy', 'http://proxy.example:3128');
    expect(environment.proxies).toEqual({ https_proxy: 'http://proxy.example:3128' });
  });
});
