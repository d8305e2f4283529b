import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session } from '../shared/values.js';

export const toxicReset = defineCommand({
  name: 'toxic reset',
  summary: 'Remove all toxics of a session and take it up again if it was down',
  examples: ['toxic reset'],
  args: z.object({}),
  options: z.object({ session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    const removed = await stack.toxics.reset(id);
    output.print(
      { session: id, removed },
      () => `Removed ${removed} ${removed === 1 ? 'toxic' : 'toxics'} from ${id}.`,
    );
  },
});
