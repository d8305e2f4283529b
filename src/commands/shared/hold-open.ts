import type { CommandIo } from './define-command.js';
import { fields } from './table.js';
import type { CommandSession } from './with-session.js';

/**
 * Says where the session's proxy is, and waits until the command is interrupted or the session is ended through the
 * API. The interruption is the normal end here, so nothing is thrown for it.
 */
export async function holdOpen(
  { stack, session }: Pick<CommandSession, 'stack' | 'session'>,
  { output, interrupts }: CommandIo,
): Promise<void> {
  const { path } = await stack.ca();
  output.line({ session: session.id, proxyUrl: session.proxyUrl, ca: path, api: stack.address.url }, (shown) =>
    fields([
      ['session', shown.session],
      ['proxy', shown.proxyUrl],
      ['CA', shown.ca],
    ]),
  );
  output.note('Open until Ctrl-C.');
  const removed = new AbortController();
  const stop = AbortSignal.any([interrupts.signal, removed.signal]);
  await untilRemoved(stack, session.id, stop);
  removed.abort();
}

/** Resolves when the session was removed or `signal` aborts; throws when the stack goes away. */
async function untilRemoved(stack: CommandSession['stack'], id: string, signal: AbortSignal): Promise<void> {
  for await (const event of stack.events({ session: id, signal })) {
    if (event.type === 'session' && event.action === 'removed') return;
  }
}
