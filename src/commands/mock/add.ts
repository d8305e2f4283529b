import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';
import { mockOf, mockOptions, mocksFrom } from './mock-flags.js';
import { mockText } from './mock-text.js';

export const mockAdd = defineCommand({
  name: 'mock add',
  summary: 'Answer some requests of a session yourself, or change the backend’s answers to them',
  description:
    'It holds from the next request on, and changes only what it says; all else stays live. Of several mocks that fit a request the one with the\n' +
    'most parameters counts, then the one that was added last. In messages of protobuf (gRPC, gRPC-Web)\n' +
    'JSONPaths name fields by their numbers. A file holds one mock or a list of them, in the words of the control API.',
  examples: [
    "mock add --path /cart --modify '$.total=0'",
    'mock add --on api.example.com --path "/users/*" --status 503 --body \'{"error":"down"}\'',
    'mock add --method POST --path /login --index 1 --delay 5s',
    `mock add --path /shop.Cart/Get --modify '$["2"]["1"]=99'`,
    'mock add --path "/shop.Cart/*" --grpc-status 14 --grpc-message "down for the test"',
    'mock add mocks.json --session checkout',
  ],
  args: z.object({
    file: text.optional().meta({ description: 'JSON of mocks; - for standard input', placeholder: 'file' }),
  }),
  options: z.object({ ...mockOptions, session }),
  async run({ args, options, output }) {
    const mocks = args.file === undefined ? [mockOf(options)] : await mocksFrom(args.file, process.stdin);
    const stack = await requireStack();
    const { id } = await findSession(stack, options.session);
    for (const mock of mocks)
      output.line(await stack.mocks.add(id, mock), (added) => `${added.id}: ${mockText(added)}`);
  },
});
