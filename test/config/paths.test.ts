import { join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';

afterEach(() => vi.unstubAllEnvs());

describe('proxyctlHome', () => {
  test('PROXYCTL_HOME holds everything', () => {
    vi.stubEnv('PROXYCTL_HOME', '/srv/chaos');
    const paths: string[] = Object.values({ ...proxyctlHome() });
    for (const path of paths) expect(path).toMatch(/^\/srv\/chaos(\/|$)/);
  });

  test('a relative PROXYCTL_HOME is resolved against the working folder', () => {
    vi.stubEnv('PROXYCTL_HOME', 'chaos');
    expect(proxyctlHome().stateFile).toBe(resolve('chaos', 'stack.json'));
  });

  test('an empty PROXYCTL_HOME counts as none', () => {
    vi.stubEnv('PROXYCTL_HOME', '');
    expect(proxyctlHome().home).not.toBe(resolve(''));
    expect(proxyctlHome().home).toMatch(/proxyctl/);
  });

  test.runIf(process.platform === 'linux')('Linux follows the XDG folders', () => {
    vi.stubEnv('PROXYCTL_HOME', '');
    vi.stubEnv('XDG_STATE_HOME', '/x/state');
    vi.stubEnv('XDG_CACHE_HOME', '/x/cache');
    const paths = proxyctlHome();
    expect(paths.home).toBe('/x/state/proxyctl');
    expect(paths.caDir).toBe(join('/x/state/proxyctl', 'ca'));
    expect(paths.cacheDir).toBe('/x/cache/proxyctl');
  });
});
