import { z } from 'zod';
import { closest } from '../core/closest.js';
import { burst, lossModel } from './loss-burst.js';
import { kilobytesPerSecondWithin, millisecondsWithin, share, wholeNumberWithin } from '../core/quantities.js';
import { randomSeed } from '../core/random-seed.js';
import { UsageError } from '../errors/index.js';
import { linkTrace, type LinkTrace } from './delivery-trace.js';
import { linkProfiles, type LinkProfile } from './profiles.js';

const rate = kilobytesPerSecondWithin({ min: 1 });
const linkDelay = millisecondsWithin({ min: 1 });

/** What an access link is like. All are optional: what is missing does not limit. */
export const linkSettings = z.strictObject({
  down: rate.optional().meta({ description: 'What all connections together receive at most' }),
  up: rate.optional().meta({ description: 'What all connections together send at most' }),
  rtt: millisecondsWithin({ max: 60_000 })
    .optional()
    .meta({ description: 'Round-trip time, which setting up a connection takes too' }),
  jitter: millisecondsWithin({ max: 30_000 })
    .optional()
    .meta({ description: 'Largest deviation from the round-trip time, either way; packets keep their order' }),
  loss: share.optional().meta({ description: 'Share of packets that get lost, in each direction' }),
  burst: burst.optional().meta({
    description: 'Losses in bursts: their mean length in packets (`5`) or in time (`300ms`), or p/r/h/k',
  }),
  queue: wholeNumberWithin({ min: 1, max: 100_000 }).optional().meta({
    description: 'Packets that wait before the rate; more are dropped',
    defaultText: 'a fifth of a second’s worth (10 to 100), or a round trip’s if that is more',
  }),
  seed: wholeNumberWithin({ max: 0xffff_ffff })
    .optional()
    .meta({ description: 'Of all that is random', defaultText: 'a random one, which is shown' }),
});

/** A session's link: rates in kB/s (1000 bytes), times in ms. */
export const linkSchema = linkSettings
  .extend({
    profile: z.string().optional(),
    seed: z.number(),
    kind: z.literal('modelled'),
    /** The names of recorded links that say when packets leave, in place of a rate. */
    trace: z.object({ down: z.string().optional(), up: z.string().optional() }).optional(),
    /** A hole of a timeline: nothing gets through at present. */
    outage: z.literal(true).optional(),
  })
  .meta({ id: 'Link' });
export type Link = z.infer<typeof linkSchema>;

/** A link with what is too long to show of it. */
export interface ActiveLink extends Link {
  traces?: { down?: LinkTrace | undefined; up?: LinkTrace | undefined };
  /** When its traces began, milliseconds since 1970. */
  startedAt?: number;
}

/** A profile, or values, or a profile with some values of one's own. */
export const setLinkRequest = linkSettings
  .extend({
    profile: z.string().optional(),
    /** What to call values that have no profile. */
    name: z.string().max(100).optional(),
    trace: z
      .strictObject({ down: linkTrace.optional(), up: linkTrace.optional() })
      .optional()
      .meta({ description: 'Recorded links, in Mahimahi’s format' }),
    after: linkDelay.optional().meta({ description: 'Begin only after this time' }),
    for: linkDelay
      .optional()
      .meta({ description: 'Take it away again after this time; what was there before returns' }),
  })
  .meta({ id: 'SetLink' });
export type SetLinkRequest = z.input<typeof setLinkRequest>;

/** Throws `UsageError` for a name that no profile has, and for values that do not go together. */
export function resolveLink(
  { profile, name, trace, after: _after, for: _for, ...values }: z.infer<typeof setLinkRequest>,
  profiles: readonly LinkProfile[] = linkProfiles,
): ActiveLink {
  const found = profile === undefined ? undefined : findProfile(profile, profiles);
  const label = found?.name ?? name;
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const link: ActiveLink = {
    ...(label === undefined ? {} : { profile: label }),
    ...(found === undefined ? {} : profileValues(found)),
    ...given,
    ...(trace === undefined ? {} : tracesOf(trace)),
    seed: values.seed ?? randomSeed(),
    kind: 'modelled',
  };
  const { rtt = 0, jitter = 0, down, up, loss } = link;
  if (
    down === undefined &&
    up === undefined &&
    rtt === 0 &&
    loss === undefined &&
    link.burst === undefined &&
    trace === undefined
  ) {
    throw new UsageError('The link says nothing', {
      hint: 'For example: proxyctl link 3g, or proxyctl link --down 1.6mbit --rtt 150ms',
    });
  }
  if (jitter > rtt) {
    throw new UsageError(`The jitter (${jitter}ms) is larger than the round-trip time (${rtt}ms)`, {
      hint: 'A round trip cannot take less than no time.',
      data: { rtt, jitter },
    });
  }
  if (loss !== undefined || link.burst !== undefined) {
    const model = lossModel(link);
    if (model instanceof Error) throw model;
  }
  return link;
}

function tracesOf(traces: NonNullable<ActiveLink['traces']>): Pick<ActiveLink, 'trace' | 'traces' | 'startedAt'> {
  const { down, up } = traces;
  const names = { ...(down === undefined ? {} : { down: down.name }), ...(up === undefined ? {} : { up: up.name }) };
  return { trace: names, traces, startedAt: Date.now() };
}

/** Profiles by the names that their owners gave them; ours are in lower case. */
function findProfile(name: string, profiles: readonly LinkProfile[]): LinkProfile {
  const wanted = name.trim();
  const found =
    profiles.find((profile) => profile.name === wanted) ??
    profiles.find((profile) => profile.name === wanted.toLowerCase());
  if (found !== undefined) return found;
  const names = profiles.map((profile) => profile.name);
  const meant = closest(wanted, names);
  throw new UsageError(`There is no link "${name}"`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}proxyctl link ls shows all.`,
    data: { name },
  });
}

/** A profile's values as a link has them. */
export function profileValues({
  downKbit,
  upKbit,
  rtt,
  jitter,
  loss,
  burst: length,
}: LinkProfile): Omit<z.infer<typeof linkSettings>, 'seed' | 'queue'> {
  return {
    ...(downKbit === undefined ? {} : { down: downKbit / 8 }),
    ...(upKbit === undefined ? {} : { up: upKbit / 8 }),
    rtt,
    ...(jitter === undefined ? {} : { jitter }),
    ...(loss === undefined ? {} : { loss }),
    ...(length === undefined ? {} : { burst: length }),
  };
}
