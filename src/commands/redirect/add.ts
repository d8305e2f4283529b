import { z } from 'zod';
import { checkValue, UsageError } from '../../errors/index.js';
import { redirectRequest } from '../../overrides/index.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';

export const redirectAdd = defineCommand({
  name: 'redirect add',
  summary: 'Send the requests of a session for one host to another one',
  description:
    'It holds from the next request on. The client notices nothing, and a recording keeps the URL that was asked for.',
  examples: [
    'redirect add api.example.com https://staging.example.com',
    'redirect add "*.example.com" http://127.0.0.1:8080/mirror --path-prefix /v1 --keep-host',
  ],
  args: z.object({
    from: text.meta({ description: 'Host that clients ask for (* matches any text), with or without a port' }),
    to: text.meta({ description: 'Where its requests go: scheme, host, port, and a path to put in front' }),
  }),
  options: z.object({
    pathPrefix: text
      .optional()
      .meta({ description: 'Only requests below this path, which is replaced', placeholder: 'path' }),
    keepHost: z.boolean().default(false).describe('Leave the Host header as the client sent it'),
    keepServerName: z.boolean().default(false).describe('Ask TLS for the name that the client asked for'),
    session,
  }),
  async run({ args, options: { session: named, ...flags }, output }) {
    const checked = checkValue(redirectRequest, { ...args, ...flags });
    if (checked.fault !== undefined) throw new UsageError(checked.fault);
    const stack = await requireStack();
    const { id } = await findSession(stack, named);
    output.print(await stack.redirects.add(id, checked.data), (added) => `${added.id}: ${added.from} → ${added.to}`);
  },
});
