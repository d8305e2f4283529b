import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { table } from '../shared/table.js';
import { session } from '../shared/values.js';
import { mockText } from './mock-text.js';

export const mockLs = defineCommand({
  name: 'mock ls',
  summary: 'List the mocks of a session, and how often each was met',
  examples: ['mock ls', 'mock ls --json'],
  args: z.object({}),
  options: z.object({ session }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    const mocks = await stack.mocks.list(id);
    output.print(mocks, (all) =>
      table(
        ['MOCK', 'FITTED', 'HITS', 'WHAT'],
        all.map((mock) => [mock.id, String(mock.fitted), String(mock.hits), mockText(mock)]),
      ),
    );
    if (mocks.length === 0)
      output.note(`No mocks on ${id}. Add one with: proxyctl mock add --path /cart --status 503 --text down`);
  },
});
