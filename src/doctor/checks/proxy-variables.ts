import { environment } from '../../config/environment.js';
import type { Check } from '../check.js';

/** Proxy variables that this shell has already. */
export const proxyVariables: Check = {
  name: 'proxy variables',
  run() {
    const set = Object.entries(environment.proxies).filter(([name]) => name.toLowerCase() !== 'no_proxy');
    if (set.length === 0) return { status: 'ok', detail: 'no HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is set' };
    return {
      status: 'warn',
      detail: set.map(([name, value]) => `${name}=${withoutPassword(value)}`).join(', '),
      hint:
        'Downloads of proxyctl itself go through it; sessions connect to backends directly. A command under `proxyctl exec` gets ' +
        'the session’s proxy instead; one that you start yourself in this shell would miss it.',
    };
  },
};

function withoutPassword(value: string): string {
  return value.replace(/\/\/[^@/]*@/, '//…@');
}
