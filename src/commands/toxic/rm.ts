import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';

export const toxicRm = defineCommand({
  name: 'toxic rm',
  summary: 'Remove toxics by name',
  examples: ['toxic rm latency_downstream'],
  args: z.object({
    names: z.array(text).min(1).meta({ description: 'Names as toxic ls shows them', placeholder: 'name' }),
  }),
  options: z.object({ session }),
  async run({ args, options, output }) {
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    for (const name of args.names) {
      await stack.toxics.remove(id, name);
      output.line({ session: id, removed: name }, () => `Removed ${name}.`);
    }
  },
});
