import { z } from 'zod';
import { millisecondsWithin } from '../core/quantities.js';
import { nearestLines } from '../api/open-session.js';
import { ProxyctlError, UsageError } from '../errors/index.js';
import { defineCommand } from './shared/define-command.js';
import { findSession } from './shared/find-session.js';
import { requireStack } from './shared/find-stack.js';
import { predicateOf, predicateOptions } from './mock/mock-flags.js';
import { session, wholeNumber } from './shared/values.js';

export const expect = defineCommand({
  name: 'expect',
  summary: 'Wait until a request of a session has been made, or tell what came nearest',
  description:
    'Of a session that keeps a history: up --history, or `history: true` where it is created. Requests that were made and answered before count, too.',
  examples: [
    'expect --path /cart --method POST',
    "expect --path /events --json-param '$.name=buy' --count 2 --within 20s",
    'expect --path /ads --none --within 3s',
  ],
  args: z.object({}),
  options: z.object({
    ...predicateOptions,
    count: wholeNumber(1, 1_000_000, 'n').default(1).meta({ description: 'At least so many' }),
    none: z.boolean().default(false).describe('None may come; it waits for all of the time'),
    within: millisecondsWithin({ max: 90_000 })
      .default(5000)
      .meta({ description: 'How long to wait', defaultText: '5s' }),
    since: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'index')
      .default(0)
      .meta({ description: 'Only exchanges from this number on' }),
    session,
  }),
  async run({ options, output }) {
    const { count, none, within, since } = options;
    if (none && count !== 1) throw new UsageError('Give either --count or --none');
    const predicate = predicateOf(options);
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    const result = await stack.expect(id, { predicate, count: none ? { max: 0 } : count, within, since });
    if (!result.met)
      throw new ProxyctlError('PROXYCTL_EXPECTATION', result.message, {
        hint: nearestLines(result).join('\n'),
        data: { ...result },
      });
    output.print(result, ({ message, matched }) =>
      [message, ...matched.map(({ index, method, url, status }) => `${index}  ${method} ${url} ${status ?? '-'}`)].join(
        '\n',
      ),
    );
  },
});
