import { z } from 'zod';
import { UsageError } from '../../errors/index.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';
import { mockOf, mockOptions, mocksFrom } from './mock-flags.js';
import { mockText } from './mock-text.js';

export const mockChange = defineCommand({
  name: 'mock change',
  summary: 'Replace a mock of a session by another one, in its place',
  description:
    'It holds from the next request on. Its counters go on, and so do conditions on the number of a request.',
  examples: [
    "mock change mock-1a2b3c4d --path /cart --modify '$.total=5'",
    'mock change mock-1a2b3c4d mock.json --session checkout',
  ],
  args: z.object({
    mock: text.meta({ description: 'Id as mock ls shows it' }),
    file: text.optional().meta({ description: 'JSON of a mock; - for standard input', placeholder: 'file' }),
  }),
  options: z.object({ ...mockOptions, session }),
  async run({ args, options, output }) {
    const [mock, ...others] = args.file === undefined ? [mockOf(options)] : await mocksFrom(args.file, process.stdin);
    if (mock === undefined || others.length > 0) throw new UsageError(`${args.file ?? ''} has to hold one mock`);
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    output.print(await stack.mocks.change(id, args.mock, mock), (changed) => `${changed.id}: ${mockText(changed)}`);
  },
});
