import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session } from '../shared/values.js';
import { interceptionText } from './interception-text.js';

export const interceptLs = defineCommand({
  name: 'intercept ls',
  summary: 'Tell the hosts whose TLS a session opens',
  examples: ['intercept ls'],
  args: z.object({}),
  options: z.object({ session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    output.print(await stack.interception.get(id), interceptionText);
  },
});
