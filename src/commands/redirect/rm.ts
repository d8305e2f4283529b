import { z } from 'zod';
import { UsageError } from '../../errors/index.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';

export const redirectRm = defineCommand({
  name: 'redirect rm',
  summary: 'Remove redirects of a session',
  examples: ['redirect rm redirect-1a2b3c4d', 'redirect rm --all'],
  args: z.object({
    redirects: z
      .array(text)
      .default([])
      .meta({ description: 'Ids as redirect ls shows them', placeholder: 'redirect' }),
  }),
  options: z.object({ all: z.boolean().default(false).describe('Remove all'), session }),
  async run({ args, options, output }) {
    if (options.all === args.redirects.length > 0) throw new UsageError('Name the redirects to remove, or give --all');
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    if (options.all) {
      const removed = await stack.redirects.clear(id);
      output.print({ session: id, removed }, () => `Removed ${removed} redirects.`);
    }
    for (const redirect of args.redirects) {
      await stack.redirects.remove(id, redirect);
      output.line({ session: id, removed: redirect }, () => `Removed ${redirect}.`);
    }
  },
});
