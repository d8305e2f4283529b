import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session } from '../shared/values.js';

export const linkOff = defineCommand({
  name: 'link off',
  summary: 'Take the link of a session away',
  examples: ['link off'],
  args: z.object({}),
  options: z.object({ session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id, link } = await findSession(stack, options.session);
    await stack.link.remove(id);
    const done = link === undefined ? `Session ${id} had no link.` : `Session ${id} has no link any more.`;
    output.print({ session: id, removed: link !== undefined }, () => done);
  },
});
