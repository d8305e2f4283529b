import { z } from 'zod';
import type { InterceptionInput } from '../../overrides/index.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import type { Output } from '../shared/output.js';
import { session, text } from '../shared/values.js';
import { interceptionText } from './interception-text.js';

const hosts = z
  .array(text)
  .min(1)
  .meta({ description: 'Names or addresses, with or without a port (* matches any text)', placeholder: 'host' });

async function set(named: string | undefined, interception: InterceptionInput, output: Output): Promise<void> {
  const stack = await requireStack();
  const { id } = await findSession(stack, named);
  const done = await stack.interception.set(id, interception);
  output.print({ session: id, ...done }, () => `${id} intercepts ${interceptionText(done)}.`);
}

export const interceptOnly = defineCommand({
  name: 'intercept only',
  summary: 'Open the TLS of these hosts alone, from the next request on',
  examples: ['intercept only api.example.com', 'intercept only "*.example.com" auth.example.net:8443'],
  args: z.object({ hosts }),
  options: z.object({ session }),
  run: ({ args, options, output }) => set(options.session, { intercept: args.hosts }, output),
});

export const interceptExcept = defineCommand({
  name: 'intercept except',
  summary: 'Open the TLS of all hosts but these, from the next request on',
  description: 'What passes through is neither recorded nor replayed, and no mock sees it. In a replay it is refused.',
  examples: ['intercept except "*.bank.example"', 'intercept except push.example.com:5228 --session checkout'],
  args: z.object({ hosts }),
  options: z.object({ session }),
  run: ({ args, options, output }) => set(options.session, { noIntercept: args.hosts }, output),
});

export const interceptAll = defineCommand({
  name: 'intercept all',
  summary: 'Open the TLS of all hosts again',
  description: 'Tunnels that pass through and are open stay as they are.',
  examples: ['intercept all'],
  args: z.object({}),
  options: z.object({ session }),
  run: ({ options, output }) => set(options.session, {}, output),
});
