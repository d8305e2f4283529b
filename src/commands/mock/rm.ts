import { z } from 'zod';
import { UsageError } from '../../errors/index.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';

export const mockRm = defineCommand({
  name: 'mock rm',
  summary: 'Remove mocks of a session',
  examples: ['mock rm mock-1a2b3c4d', 'mock rm --all'],
  args: z.object({
    mocks: z.array(text).default([]).meta({ description: 'Ids as mock ls shows them', placeholder: 'mock' }),
  }),
  options: z.object({ all: z.boolean().default(false).describe('Remove all'), session }),
  async run({ args, options, output }) {
    if (options.all === args.mocks.length > 0) throw new UsageError('Name the mocks to remove, or give --all');
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    if (options.all) {
      const removed = await stack.mocks.clear(id);
      output.print({ session: id, removed }, () => `Removed ${removed} mocks.`);
    }
    for (const mock of args.mocks) {
      await stack.mocks.remove(id, mock);
      output.line({ session: id, removed: mock }, () => `Removed ${mock}.`);
    }
  },
});
