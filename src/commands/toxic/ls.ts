import { z } from 'zod';
import { defineCommand } from '../define-command.js';
import { findSession } from '../find-session.js';
import { requireStack } from '../find-stack.js';
import { session, stream } from '../values.js';
import { renderToxics, timesText } from './render-toxics.js';

export const toxicLs = defineCommand({
  name: 'toxic ls',
  summary: 'List the toxics of a session',
  examples: ['toxic ls', 'toxic ls --session checkout --json'],
  args: z.object({}),
  options: z.object({ stream: stream.optional().describe('Show one direction only'), session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id, enabled, down } = await findSession(stack, options.session);
    const all = await stack.toxics.list(id);
    const shown = all.filter((toxic) => [undefined, 'both', toxic.stream].includes(options.stream));
    output.print(shown, renderToxics);
    const when = down === undefined ? '' : ` (${timesText(down)})`;
    if (!enabled) output.note(`Session ${id} is down: it takes no connections${when}.`);
    else if (down !== undefined) output.note(`Session ${id} goes down${when}.`);
    if (shown.length === 0) output.note(`No toxics on ${id}. Add one with: proxyctl toxic latency 300ms`);
  },
});
