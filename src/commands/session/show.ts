import { z } from 'zod';
import type { SessionView } from '../../api/schemas.js';
import { formatBytes } from '../../core/units.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { fields } from '../shared/table.js';
import { text } from '../shared/values.js';

export const sessionShow = defineCommand({
  name: 'session show',
  summary: 'Show one session',
  examples: ['session show checkout', 'session show checkout --json'],
  args: z.object({ session: text.optional().meta({ description: 'Which one', placeholder: 'session' }) }),
  options: z.object({}),
  async run({ args, output }) {
    output.print(await findSession(await requireStack(), args.session), sessionText);
  },
});

/** A session, a line for each thing that there is to say. */
export function sessionText(session: SessionView): string {
  const { counters, lease, toxics } = session;
  const { exchanges, failures, misses, responseBytes } = counters;
  return fields([
    ['session', session.id],
    ['mode', session.mode],
    ['state', session.error === undefined ? session.state : `${session.state}: ${session.error}`],
    ['proxy', session.proxyUrl],
    ['test', session.testId],
    ['app version', session.appVersion],
    ['store', session.store],
    ['recording', session.recordingId],
    ['taken because', session.recordingReason],
    ['requests', `${exchanges} (${failures} failed, ${misses} missed), ${formatBytes(responseBytes)} of answers`],
    ['toxics', toxics.length === 0 ? undefined : toxics.map(({ name }) => name).join(' ')],
    ['link', session.link === undefined ? undefined : (session.link.profile ?? 'own')],
    ['lease', lease === undefined ? undefined : `${lease.seconds} s, until ${lease.endsAt} if nobody uses it`],
  ]);
}
