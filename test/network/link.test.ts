import { describe, expect, test } from 'vitest';
import { linkProfiles } from '../../src/network/profiles.js';
import { resolveLink, setLinkRequest } from '../../src/network/link.js';

const resolve = (input: Record<string, unknown>) => resolveLink(setLinkRequest.parse(input));

describe('resolveLink', () => {
  test('a profile gives its numbers, in kB/s, and a seed is drawn', () => {
    const { seed, ...link } = resolve({ profile: 'WPT:3G' });
    expect(link).toEqual({ profile: 'wpt:3g', down: 200, up: 96, rtt: 300, kind: 'modelled' });
    expect(Number.isInteger(seed)).toBe(true);
  });

  test('values given beside a profile replace its own', () => {
    expect(resolve({ profile: 'wpt:3g', rtt: '80ms', loss: '1%', seed: 5 })).toEqual({
      profile: 'wpt:3g',
      down: 200,
      up: 96,
      rtt: 80,
      loss: 0.01,
      seed: 5,
      kind: 'modelled',
    });
  });

  test.each([
    [{ profile: '3gg' }, 'There is no link "3gg"'],
    [{}, 'The link says nothing'],
    [{ rtt: '10ms', jitter: '20ms' }, 'The jitter (20ms) is larger than the round-trip time (10ms)'],
    [{ down: '1mb', burst: 5 }, 'The share of lost packets is missing'],
  ])('%j is refused in words', (input, message) => {
    expect(() => resolve(input)).toThrow(expect.objectContaining({ code: 'PROXYCTL_USAGE', message }) as Error);
  });
});

describe('linkProfiles', () => {
  test('each resolves, has a name of its own and says where its numbers come from', () => {
    expect(new Set(linkProfiles.map(({ name }) => name)).size).toBe(linkProfiles.length);
    for (const { name, source } of linkProfiles) {
      expect(resolve({ profile: name }).profile).toBe(name);
      expect(source).not.toBe('');
    }
  });
});
