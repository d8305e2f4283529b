import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** The repository. `#proxyctl` cannot be asked: this file runs from `.work/bench/build/bench/`. */
export const root = path.resolve(import.meta.dirname, '../../../..');
export const goSources = path.join(root, 'bench/go');
/** What the bench builds and writes; nothing else is in there. */
export const workFolder = path.join(root, '.work/bench');
export const cli = path.join(root, 'dist/bin/proxyctl.js');
export const loopbackNames = path.join(root, 'test/helpers/loopback-names.cjs');
export const httpMitmProxyPeer = path.join(root, 'bench/peers/http-mitm-proxy.cjs');

/** The version of an installed package. */
export function versionOf(name: string): string {
  const manifest = require(path.join(root, 'node_modules', name, 'package.json')) as { version: string };
  return manifest.version;
}
