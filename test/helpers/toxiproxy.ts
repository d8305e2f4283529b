import { environment } from '../../src/config/environment.js';

/** The real Toxiproxy that `test/helpers/provision.ts` found or fetched. */
export function testToxiproxy(): string {
  const path = environment.toxiproxy;
  if (path === undefined) throw new Error('PROXYCTL_TOXIPROXY is not set: vitest runs test/helpers/provision.ts first');
  return path;
}
