import { describe, expect, test } from 'vitest';
import { AllowedTargets } from '../../src/protocol/allowed-targets.js';

const allows = (allowed: string, host: string, address: string, port = 80): boolean =>
  new AllowedTargets([allowed]).allows({ host, address, port });

describe('a target is allowed', () => {
  test.each([
    ['127.0.0.1', 'localhost', '127.0.0.1', 80],
    ['127.0.0.1:3000', 'anything.test', '127.0.0.1', 3000],
    ['127.0.0.1', 'x', '::ffff:127.0.0.1', 80],
    ['::ffff:127.0.0.1', 'x', '127.0.0.1', 80],
    ['[::1]:8080', 'localhost', '::1', 8080],
    ['::1', 'localhost', '0:0:0:0:0:0:0:1', 80],
    ['localhost', '127.0.0.1', '127.0.0.1', 80],
    ['localhost:81', '::1', '::1', 81],
    ['api.local', 'api.local', '127.0.0.1', 80],
    ['*.local:443', 'api.local', '127.0.0.1', 443],
    ['*', 'x', '169.254.169.254', 80],
    ['169.254.0.0/16', 'x', '169.254.3.4', 80],
    ['127.0.0.0/8:9000', 'x', '127.1.2.3', 9000],
    ['fe80::/10', 'x', 'fe80::1', 80],
  ])('%s: %s at %s, port %i', (allowed, host, address, port) => {
    expect(allows(allowed, host, address, port)).toBe(true);
  });
});

describe('a target is not allowed', () => {
  test.each([
    ['127.0.0.1:3000', 'localhost', '127.0.0.1', 3001],
    ['127.0.0.1', 'localhost', '127.0.0.2', 80],
    ['localhost', 'evil.test', '127.0.0.2', 80],
    ['api.local', 'api.local.evil.test', '127.0.0.1', 80],
    ['*.local', 'local', '127.0.0.1', 80],
    ['169.254.0.0/17', 'x', '169.254.169.254', 80],
    ['127.0.0.0/8:9000', 'x', '127.0.0.1', 9001],
    ['10.0.0.0/8', 'x', '::1', 80],
  ])('%s: %s at %s, port %i', (allowed, host, address, port) => {
    expect(allows(allowed, host, address, port)).toBe(false);
  });
});

test.each(['10.0.0.0/33', 'api.local/8', '/8', 'fe80::/129', '10.0.0.0/'])(
  '%s is refused, as it is no network',
  (target) => {
    expect(() => new AllowedTargets([target])).toThrow(`--allow-target: "${target}" is no network`);
  },
);
