import { join } from 'node:path';
import {
  pinnedRelease,
  provisionToxiproxy,
  unreachableBecause,
} from '../../../supervisor/toxiproxy/provision/index.js';
import { environment } from '../../config/environment.js';
import { ProxyctlError } from '../../errors/index.js';
import type { Check, CheckContext, Finding } from '../check.js';
import { findProgram } from '../find-program.js';

const origins: Record<string, string> = {
  flag: 'the path that was given',
  env: 'PROXYCTL_TOXIPROXY',
  path: 'PATH',
  cache: 'the cache',
};

/**
 * Which Toxiproxy a stack would use, and where it is from. Fetches none: without one it says where the next stack gets
 * it.
 */
export const toxiproxy: Check = {
  name: 'toxiproxy',
  async run(context) {
    try {
      const { path, version, origin, notice } = await provisionToxiproxy({
        fetch: false,
        signal: context.signal,
        cacheDir: join(context.home.cacheDir, 'toxiproxy'),
        ...(context.toxiproxyPath === undefined ? {} : { explicitPath: context.toxiproxyPath }),
      });
      const detail = `Toxiproxy ${version} from ${origins[origin] ?? origin}: ${path}`;
      if (notice === undefined) return { status: 'ok', detail };
      return { status: 'warn', detail, hint: `proxyctl is tested with ${pinnedRelease.version}.` };
    } catch (error) {
      if (!(error instanceof ProxyctlError)) throw error;
      const explicit = context.toxiproxyPath ?? environment.toxiproxy;
      if (explicit === undefined) return whereItWouldComeFrom(context);
      return { status: 'fail', detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    }
  },
};

async function whereItWouldComeFrom({ signal }: CheckContext): Promise<Finding> {
  const releases = environment.toxiproxyReleases ?? pinnedRelease.baseUrl;
  const [failure, go] = await Promise.all([unreachableBecause(releases, signal), findProgram('go')]);
  const none = 'There is no Toxiproxy on PATH or in the cache';
  if (failure === undefined) {
    return { status: 'warn', detail: `${none}; the first stack downloads ${pinnedRelease.version} from ${releases}` };
  }
  const unreachable = `${releases} cannot be reached (${failure})`;
  if (go !== undefined) {
    return { status: 'warn', detail: `${none}, and ${unreachable}; the first stack builds it with ${go}` };
  }
  return {
    status: 'fail',
    detail: `${none}, ${unreachable}, and there is no Go to build it with`,
    hint: 'Put toxiproxy-server on PATH or name it in PROXYCTL_TOXIPROXY; behind a proxy set HTTPS_PROXY.',
  };
}
