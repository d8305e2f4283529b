import { z } from 'zod';
import { setTimeout as delay } from 'node:timers/promises';
import type { StackApi } from '../api/client.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import { isRunning } from '../core/process-identity.js';
import { defineCommand } from './shared/define-command.js';
import { requireStack } from './shared/find-stack.js';

const limitMs = 20_000;
const pollMs = 25;

export const down = defineCommand({
  name: 'down',
  summary: 'Stop the running stack',
  description: 'Ends its sessions and waits until its processes are gone. Recordings under way are kept aside.',
  examples: ['down'],
  args: z.object({}),
  options: z.object({}),
  async run({ output }) {
    const stack = await requireStack();
    const { pid, sessions } = await stack.status();
    await stack.shutdown();
    await untilGone(stack, pid);
    output.print({ pid, sessions: sessions.length }, () => `Stopped the stack (process ${pid}).`);
  },
});

/** A stack on this machine is gone with its process; one elsewhere, once nobody answers. */
async function untilGone(stack: StackApi, pid: number): Promise<void> {
  const { readStackState } = await import('../../supervisor/state-file.js');
  const { proxyctlHome } = await import('../config/paths.js');
  const state = await readStackState(proxyctlHome().stateFile);
  const local = state?.process.pid === pid ? state.process : undefined;
  const gone = async (): Promise<boolean> =>
    local === undefined ? !(await answers(stack)) : isRunning(local) === false;
  const deadline = performance.now() + limitMs;
  while (!(await gone())) {
    if (performance.now() > deadline) {
      throw new ProxyctlError(
        'PROXYCTL_TIMEOUT',
        `The stack (process ${pid}) has not stopped within ${limitMs / 1000} s`,
        {
          hint: `See what holds it with proxyctl logs, or end it with: kill -9 ${pid}`,
          data: { pid },
        },
      );
    }
    await delay(pollMs); // another program's process has no event that we could await
  }
}

async function answers(stack: StackApi): Promise<boolean> {
  try {
    await stack.status();
    return true;
  } catch (error) {
    if (error instanceof ProxyctlError && error.code === 'PROXYCTL_STACK_NOT_RUNNING') return false;
    throw new ProxyctlError('PROXYCTL_CHILD', `The stack did not stop in order: ${messageOf(error)}`, { cause: error });
  }
}
