import { z } from 'zod';
import { share } from '../../core/quantities.js';
import type { AddToxicRequest } from '../../api/schemas.js';
import type { ToxicDefinition } from '../../toxics/index.js';
import { toxicHost } from '../../toxics/toxic.js';
import { defineCommand, type CommandDeclaration } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, stream, text, times } from '../shared/values.js';
import { downText, renderToxics } from './render-toxics.js';
import { replaceToxics } from './replace-toxics.js';

const directionOptions = {
  stream: stream.default('downstream').meta({
    description: 'up: client to server, down: server to client, or both',
    defaultText: 'down',
  }),
  toxicity: share.default(1).meta({ description: 'Share of connections that it applies to' }),
};

const placeOptions = {
  host: toxicHost
    .optional()
    .meta({ description: 'Only for connections to these hosts (* matches any text)', placeholder: 'host' }),
  name: text.optional().meta({ description: 'What to call it', defaultText: 'its type and where it acts' }),
  replace: z.boolean().default(false).describe('Change the toxic of this name in place if there is one'),
};

const kernelOption = z
  .boolean()
  .default(false)
  .describe('Have the kernel drop real packets (Linux, root); nothing is modelled then');

/** The command that adds this toxic: its argument, a flag for each other attribute, and where it applies. */
export function toxicCommand(definition: ToxicDefinition): CommandDeclaration {
  const { type, summary, notes = [], attributes, argument, examples, streams, perHost = true } = definition;
  const own = Object.entries(attributes.shape);
  const shapeOf = (wanted: boolean) => Object.fromEntries(own.filter(([key]) => (key === argument) === wanted));
  return defineCommand({
    name: `toxic ${type}`,
    summary,
    description: notes.join('\n'),
    examples,
    args: z.object(shapeOf(true)),
    options: z.object({
      ...shapeOf(false),
      ...(definition.inKernel === undefined ? {} : { kernel: kernelOption }),
      ...(streams === 'none' ? {} : directionOptions),
      ...(perHost ? placeOptions : {}),
      ...times,
      session,
    }),
    async run({ args, options, output }) {
      const {
        stream: where,
        toxicity,
        name,
        session: named,
        replace = false,
        after,
        for: lasts,
        host,
        kernel = false,
        ...flags
      } = options as ToxicFlags;
      const stack = await requireStack();
      const { id } = await findSession(stack, named);
      const request: AddToxicRequest = {
        type,
        attributes: { ...args, ...flags },
        ...(name === undefined ? {} : { name }),
        ...(where === undefined ? {} : { stream: where }),
        ...(toxicity === undefined ? {} : { toxicity }),
        ...(host === undefined ? {} : { host }),
        ...(kernel ? { kernel } : {}),
        ...(after === undefined ? {} : { after }),
        ...(lasts === undefined ? {} : { for: lasts }),
      };
      const added = await (replace ? replaceToxics(stack, id, request) : stack.toxics.add(id, request));
      output.print(added, renderToxics);
      const down = downText(await stack.sessions.get(id));
      if (down !== undefined) output.note(down);
    },
  });
}

interface ToxicFlags {
  stream?: 'upstream' | 'downstream' | 'both';
  toxicity?: number;
  name?: string;
  replace?: boolean;
  host?: string;
  kernel?: boolean;
  after?: number;
  for?: number;
  session?: string;
  [attribute: string]: unknown;
}
