import nodeModule = require('node:module');
import diagnostics = require('node:diagnostics_channel');
import lazyDispatcher = require('./lazy-dispatcher.cjs');
import type Agents = require('./proxy-agents.cjs');

/*
 * Loaded into every Node process of a CMD by NODE_OPTIONS. Node versions that know NODE_USE_ENV_PROXY do all by
 * themselves; in older ones this makes `fetch` and the default agents of `http` and `https` heed the proxy variables
 * likewise. As most Node processes make no request, nothing is loaded before the first: neither undici nor even `http`.
 */

interface Loader {
  _load(this: void, request: string, ...rest: unknown[]): unknown;
}

if (process.env['NODE_USE_ENV_PROXY'] === '1' && !hasEnvProxy(process.versions.node)) {
  lazyDispatcher.install();
  whenHttpIsLoaded(() => {
    const agents = require('./proxy-agents.cjs') as typeof Agents;
    agents.install();
  });
}

/** NODE_USE_ENV_PROXY covers `fetch`, `http` and `https` since 22.21.0 and 24.5.0 (Node's documentation of its CLI). */
function hasEnvProxy(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

/**
 * Calls back when something loads `http`, before it can make a request: at the end of a `require` of it or of what uses
 * it, or, for an `import`, when the module has asked for its diagnostics channels and before the importer runs.
 */
function whenHttpIsLoaded(callback: () => void): void {
  const loader = nodeModule as unknown as Loader;
  const load = loader._load;
  const { channel } = diagnostics;
  let loaded = false;
  let done = false;
  const finish = (): void => {
    if (done) return;
    done = true;
    loader._load = load;
    diagnostics.channel = channel;
    callback();
  };
  loader._load = function (request, ...rest) {
    const result = load(request, ...rest);
    if (loaded) finish();
    return result;
  };
  diagnostics.channel = function (name) {
    if (typeof name === 'string' && name.startsWith('http.client.')) {
      loaded = true;
      queueMicrotask(finish);
    }
    return channel(name);
  };
}
