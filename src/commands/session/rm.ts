import { z } from 'zod';
import { defineCommand } from '../define-command.js';
import { requireStack } from '../find-stack.js';
import { text } from '../values.js';

export const sessionRm = defineCommand({
  name: 'session rm',
  summary: 'End sessions',
  description: 'A recording that is under way in one of them is kept aside as rejected.',
  examples: ['session rm checkout'],
  args: z.object({ sessions: z.array(text).min(1).meta({ description: 'Sessions to end', placeholder: 'session' }) }),
  options: z.object({}),
  async run({ args, output }) {
    const stack = await requireStack();
    for (const id of args.sessions) {
      const summary = await stack.sessions.delete(id);
      output.line(summary, () => `Ended ${id}.`);
    }
  },
});
