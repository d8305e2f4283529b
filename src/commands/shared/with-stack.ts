import type { StackApi } from '../../api/client.js';
import { environment } from '../../config/environment.js';
import { ProxyctlError } from '../../errors/index.js';
import type { CommandContext } from './define-command.js';
import { findStack } from './find-stack.js';
import type { Interrupts } from './interrupts.js';
import { configuredProfiles } from '../link/configured-profiles.js';
import { progressNotes } from './progress-notes.js';

export interface StackInUse {
  api: StackApi;
  /** True when it was started for this command and ends with it. */
  own: boolean;
}

/**
 * Runs `use` on the running stack, or on one of its own that is started for it and stopped behind it. `store`: what it
 * will use.
 */
export async function withStack<T>(
  { output, interrupts, store }: Pick<CommandContext<unknown, unknown>, 'output' | 'interrupts'> & { store?: string },
  use: (stack: StackInUse) => Promise<T>,
): Promise<T> {
  const running = await runningStack();
  if (running !== undefined) return use({ api: running, own: false });
  const { Stack } = await import('../../../supervisor/stack.js');
  const { report } = progressNotes(output);
  const stack = await whileStarting(interrupts, (signal) =>
    Stack.start({
      profiles: configuredProfiles(),
      signal,
      onProgress: report,
      logLevel: 'warn',
      ...(store === undefined ? {} : { store }),
    }),
  );
  let result: T;
  try {
    result = await use({ api: stack.api, own: true });
  } catch (error) {
    await stack.close().catch(() => undefined); // what went wrong first is what counts
    throw error;
  }
  await stack.close();
  return result;
}

/**
 * Hands `start` a signal that an interruption aborts, but not after it has started: from then on things end in their
 * order.
 */
export async function whileStarting<T>(interrupts: Interrupts, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const starting = new AbortController();
  const abort = (): void => starting.abort(interrupts.interruption);
  interrupts.throwIfInterrupted();
  interrupts.signal.addEventListener('abort', abort, { once: true });
  try {
    return await start(starting.signal);
  } finally {
    interrupts.signal.removeEventListener('abort', abort);
  }
}

/** The running stack if it answers. One that `PROXYCTL_URL` names must: the user wants that one and no other. */
async function runningStack(): Promise<StackApi | undefined> {
  const stack = await findStack();
  try {
    await stack?.status();
    return stack;
  } catch (error) {
    const silent = error instanceof ProxyctlError && error.code === 'PROXYCTL_STACK_NOT_RUNNING';
    if (silent && environment.url === undefined) return undefined;
    throw error;
  }
}
