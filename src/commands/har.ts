import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, ProxyctlError } from '../errors/index.js';
import { defineCommand } from './shared/define-command.js';
import { findSession } from './shared/find-session.js';
import { requireStack } from './shared/find-stack.js';
import { predicateOf, predicateOptions } from './mock/mock-flags.js';
import { session, text, wholeNumber } from './shared/values.js';

export const har = defineCommand({
  name: 'har',
  summary: 'Print what a session has seen, as HAR',
  description: 'Of a session that keeps a history: up --history, or `history: true` where it is created.',
  examples: [
    'har > session.har',
    'har --out session.har --session checkout',
    'har --since 120 --on api.example.com --method POST',
  ],
  args: z.object({}),
  options: z.object({
    out: text.optional().meta({ description: 'Write it to this file', placeholder: 'file' }),
    since: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'index')
      .default(0)
      .meta({ description: 'Only exchanges from this number on' }),
    ...predicateOptions,
    session,
  }),
  async run({ options, output }) {
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    const document = await stack.har(id, { since: options.since, predicate: predicateOf(options) });
    const { out } = options;
    if (out === undefined) return output.raw(`${JSON.stringify(document, null, 2)}\n`);
    await writeFile(out, `${JSON.stringify(document, null, 2)}\n`).catch((error: unknown) => {
      throw new ProxyctlError('PROXYCTL_USAGE', `${out} cannot be written: ${messageOf(error)}`, { cause: error });
    });
    const entries = document.log.entries.length;
    output.print({ session: id, file: out, entries }, () => `Wrote ${entries} exchanges to ${out}.`);
  },
});
