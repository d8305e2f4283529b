import { basename, extname } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { wholeNumberWithin } from '../../core/quantities.js';
import { checkValue, messageOf, UsageError } from '../../errors/index.js';
import { parseInlineTimeline } from '../../network/timeline/inline.js';
import { profileValues } from '../../network/link.js';
import { timelineRequest, type TimelineRequest } from '../../network/timeline/schema.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text } from '../shared/values.js';
import { configuredProfiles } from './configured-profiles.js';
import { readText } from './read-trace.js';
import { timelineText } from './render-link.js';

export const linkPlay = defineCommand({
  name: 'link play',
  summary: 'Let the link of a session follow a timeline: tunnels, lifts, hand-overs',
  description:
    'A timeline is a YAML file, or steps on the command line: a link and how long it lasts, one after the other. What stood before\n' +
    'returns when it is over; where the last step has no end, it stays.\n' +
    'In a file each of the `steps` has `link` (a name, values, or off) or `down` (nothing gets through: packets are lost, connections\n' +
    'stay and recover as TCP does), `at` or `for` (also as a range, 5s..15s, drawn anew in each round), and `ramp`, the time over which\n' +
    'its values are reached. `loop` is true or a number, `seed` and `name` are optional. The same seed gives the same timeline.',
  examples: [
    'link play subway.yaml',
    'link play "4g 10s, down 3s, 3g 20s ramp 5s" --loop',
    'link play "lte, at 10s edge 5s..15s, at 40s off" --seed 42',
  ],
  args: z.object({
    timeline: text.meta({ description: 'A file (.yaml, .yml or .json), or steps', placeholder: 'timeline' }),
  }),
  options: z.object({
    loop: z.boolean().default(false).describe('Begin anew at the end, until something else is set'),
    seed: wholeNumberWithin({ max: 0xffff_ffff }).optional().meta({
      description: 'Of all that is random',
      defaultText: 'that of the file, else a random one, which is shown',
    }),
    session,
  }),
  async run({ args, options: { loop, seed, session: named }, output }) {
    const request = withOwnLinks(await readTimeline(args.timeline));
    const stack = await requireStack();
    const { id } = await findSession(stack, named);
    const view = await stack.link.play(id, {
      ...request,
      ...(loop ? { loop } : {}),
      ...(seed === undefined ? {} : { seed }),
    });
    output.print(view, timelineText);
  },
});

async function readTimeline(given: string): Promise<TimelineRequest> {
  const extension = extname(given).toLowerCase();
  if (!['.yaml', '.yml', '.json'].includes(extension)) return { steps: parseInlineTimeline(given) };
  const content = await readText('link play', given);
  let value: unknown;
  try {
    value = parse(content); // JSON is YAML
  } catch (error) {
    throw new UsageError(`${given} is not YAML: ${messageOf(error)}`, { cause: error });
  }
  const checked = checkValue(timelineRequest, value);
  if (checked.fault !== undefined) {
    throw new UsageError(`${given}: ${checked.fault}`, {
      hint: 'For example: { loop: true, steps: [{ link: 4g, for: 10s }, { down: 3s }, { link: 3g, for: 20s, ramp: 5s }] }',
    });
  }
  return { name: basename(given, extname(given)), ...(value as TimelineRequest) };
}

/** Links of the config file by their values, as a stack that runs elsewhere does not know them. */
function withOwnLinks(request: TimelineRequest): TimelineRequest {
  const own = new Map(configuredProfiles().map((profile) => [profile.name, profile]));
  const steps = request.steps.map((step) => {
    const found = typeof step.link === 'string' ? own.get(step.link) : undefined;
    return found === undefined ? step : { ...step, link: profileValues(found) };
  });
  return { ...request, steps };
}
