import type { StackApi } from '../../api/client.js';

import { environment } from '../../config/environment.js';
import { proxyctlHome } from '../../config/paths.js';
import { versionsText } from '../../core/other-version.js';
import { ProxyctlError } from '../../errors/index.js';

/**
 * The stack to talk to: the one that `PROXYCTL_URL` names, else the one that the state file of this home tells of.
 * Undefined when there is none. Whether it answers shows with the first call.
 */
export async function findStack(): Promise<StackApi | undefined> {
  const { connectStack } = await import('../../api/client.js');
  const { url, token } = environment;
  if (url !== undefined) {
    if (token === undefined) {
      throw new ProxyctlError('PROXYCTL_CONFIG', `PROXYCTL_URL is ${url}, but PROXYCTL_TOKEN is not set`, {
        hint: 'Set PROXYCTL_TOKEN to the token of that stack, or unset PROXYCTL_URL.',
      });
    }
    return connectStack({ url, token }, tellOnce);
  }
  const { readStackState } = await import('../../../supervisor/state-file.js');
  const state = await readStackState(proxyctlHome().stateFile);
  if (state?.url === undefined || state.token === undefined) return undefined;
  return connectStack({ url: state.url, token: state.token }, tellOnce);
}

let told = false;

function tellOnce(version: string): void {
  if (!told) process.stderr.write(`${versionsText(version)}\n`);
  told = true;
}

/** The stack to talk to. Throws `PROXYCTL_STACK_NOT_RUNNING` when there is none. */
export async function requireStack(): Promise<StackApi> {
  const stack = await findStack();
  if (stack !== undefined) return stack;
  throw new ProxyctlError('PROXYCTL_STACK_NOT_RUNNING', `No stack is running on ${proxyctlHome().home}`, {
    hint: 'Start one with: proxyctl up --detach',
  });
}
