import { z } from 'zod';
import { millisecondsWithin } from '../../core/quantities.js';
import { defineCommand } from '../shared/define-command.js';
import { requireStack } from '../shared/find-stack.js';
import { text } from '../shared/values.js';

export const sessionRenew = defineCommand({
  name: 'session renew',
  summary: 'Begin the lease of a session anew',
  examples: ['session renew checkout', 'session renew checkout --lease 1h'],
  args: z.object({ session: text.meta({ description: 'Which one', placeholder: 'session' }) }),
  options: z.object({
    lease: millisecondsWithin({ min: 1000 })
      .optional()
      .meta({ description: 'How long it may stand unused from now on', defaultText: 'as long as before' }),
  }),
  async run({ args, options: { lease }, output }) {
    const stack = await requireStack();
    const session = await stack.sessions.renew(args.session, lease === undefined ? undefined : lease / 1000);
    output.print(session, ({ id, lease: now }) =>
      now === undefined ? `${id} has no lease: it stays until it is ended.` : `${id} stays until ${now.endsAt}.`,
    );
  },
});
