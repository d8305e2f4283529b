import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, stream } from '../shared/values.js';
import { downText, renderToxics } from './render-toxics.js';

export const toxicLs = defineCommand({
  name: 'toxic ls',
  summary: 'List the toxics of a session',
  examples: ['toxic ls', 'toxic ls --session checkout --json'],
  args: z.object({}),
  options: z.object({ stream: stream.optional().describe('Show one direction only'), session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const found = await findSession(stack, options.session);
    const { id } = found;
    const all = await stack.toxics.list(id);
    const shown = all.filter((toxic) => [undefined, 'both', toxic.stream].includes(options.stream));
    output.print(shown, renderToxics);
    const down = downText(found);
    if (down !== undefined) output.note(down);
    if (shown.length === 0) output.note(`No toxics on ${id}. Add one with: proxyctl toxic latency 300ms`);
  },
});
