import { describe, expect, test } from 'vitest';
import { checksumOf, pinnedRelease, releaseAsset } from '../../../../supervisor/toxiproxy/provision/release.js';

describe('releaseAsset', () => {
  test.each([
    ['linux', 'x64', 'toxiproxy-server-linux-amd64'],
    ['linux', 'arm64', 'toxiproxy-server-linux-arm64'],
    ['linux', 'arm', 'toxiproxy-server-linux-armv6'],
    ['darwin', 'arm64', 'toxiproxy-server-darwin-arm64'],
    ['darwin', 'x64', 'toxiproxy-server-darwin-amd64'],
    ['win32', 'x64', 'toxiproxy-server-windows-amd64.exe'],
    ['win32', 'arm64', undefined],
    ['linux', 'riscv64', undefined],
    ['aix', 'ppc64', undefined],
  ])('%s on %s is %s', (platform, arch, expected) => {
    expect(releaseAsset(platform, arch)).toBe(expected);
  });

  test('the platforms of most users have pinned digests', () => {
    for (const [platform, arch] of [
      ['linux', 'x64'],
      ['linux', 'arm64'],
      ['darwin', 'x64'],
      ['darwin', 'arm64'],
    ]) {
      expect(pinnedRelease.checksums[releaseAsset(platform, arch) ?? '']).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe('checksumOf', () => {
  const digest = 'a'.repeat(64);
  const file = `${'b'.repeat(64)}  toxiproxy-server-linux-arm64\n${digest.toUpperCase()}  toxiproxy-server-linux-amd64\nshort  x\n`;

  test('finds the digest of exactly that file', () => {
    expect(checksumOf('toxiproxy-server-linux-amd64', file)).toBe(digest);
    expect(checksumOf('toxiproxy-server-linux', file)).toBeUndefined();
  });

  test('what is no SHA-256 does not count', () => {
    expect(checksumOf('x', file)).toBeUndefined();
  });
});
