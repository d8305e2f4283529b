import type { Check } from '../check.js';

/**
 * `NODE_USE_ENV_PROXY` covers `fetch`, `http` and `https` since 22.21.0 and 24.5.0 (Node's documentation of its CLI).
 */
export const nodeProxySupport: Check = {
  name: 'node clients',
  run() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const own = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
    const detail = own
      ? 'this Node sends its requests through a proxy by itself (NODE_USE_ENV_PROXY)'
      : 'this Node does not know NODE_USE_ENV_PROXY; proxyctl makes its clients use the proxy by NODE_OPTIONS';
    return { status: 'ok', detail };
  },
};
