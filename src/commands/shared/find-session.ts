import type { StackApi } from '../../api/client.js';
import type { SessionView } from '../../api/schemas.js';
import { environment } from '../../config/environment.js';
import { ProxyctlError, UsageError } from '../../errors/index.js';

/**
 * The session that a command acts on: the one named, else `PROXYCTL_SESSION`, else the only one, else `default`. Throws
 * `PROXYCTL_SESSION_NOT_FOUND`, or `UsageError` when several could be meant.
 */
export async function findSession(stack: StackApi, named: string | undefined): Promise<SessionView> {
  const id = named ?? environment.session;
  if (id !== undefined) return stack.sessions.get(id);
  const sessions = await stack.sessions.list();
  const [only] = sessions;
  if (only === undefined) {
    throw new ProxyctlError('PROXYCTL_SESSION_NOT_FOUND', 'The stack has no session', {
      hint: 'Open one with: proxyctl exec -- <command>',
    });
  }
  const chosen = sessions.length === 1 ? only : sessions.find((session) => session.id === 'default');
  if (chosen !== undefined) return chosen;
  const ids = sessions.map((session) => session.id);
  throw new UsageError(`The stack has ${sessions.length} sessions: ${ids.join(', ')}`, {
    hint: `Say which one: --session ${only.id}`,
    data: { sessions: ids },
  });
}
