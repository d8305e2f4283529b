import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { table } from '../shared/table.js';
import { session } from '../shared/values.js';

export const redirectLs = defineCommand({
  name: 'redirect ls',
  summary: 'List the redirects of a session; the first that fits a request holds',
  examples: ['redirect ls'],
  args: z.object({}),
  options: z.object({ session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    const redirects = await stack.redirects.list(id);
    output.print(redirects, (all) =>
      table(
        ['REDIRECT', 'FROM', 'TO'],
        all.map(({ id: name, from, pathPrefix = '', to }) => [name, `${from}${pathPrefix}`, to]),
      ),
    );
    if (redirects.length === 0) output.note(`No redirects on ${id}.`);
  },
});
