import { z } from 'zod';
import { hostMatcher } from '../core/host-pattern.js';
import { splitUrl } from '../http/index.js';
import type { EventLine } from '../protocol/event-line.js';
import { mostEventBodyBytes, type SessionEvent } from '../protocol/session-event.js';

/** A list in a query: with commas. */
export const commaList = z.string().transform((text) => text.split(',').filter((part) => part !== ''));

/** What a reader of events asks for. */
export const eventQuery = z.strictObject({
  since: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: 'The `seq` of the last event seen: what came after it is sent first' }),
  types: commaList.optional().meta({ description: 'Only these, with commas: `request,response`' }),
  bodies: z.coerce.number().int().min(0).max(mostEventBodyBytes).optional().meta({
    description:
      '`response` and `failure` with their `entry` (HAR 1.2), in which bodies of up to so many bytes stand. For sessions with a history',
  }),
  hosts: commaList.optional().meta({ description: 'Of exchanges only those with these hosts (`*`)' }),
});

export interface EventFilter {
  since: number | undefined;
  session: string | undefined;
  bodies: number | undefined;
  wants: (line: EventLine) => boolean;
}

/** `session`: of this one only. */
export function eventFilter(
  { since, bodies, types, hosts }: z.output<typeof eventQuery>,
  session: string | undefined,
): EventFilter {
  const matches = hosts === undefined ? undefined : hostMatcher(hosts);
  return {
    since,
    session,
    bodies,
    wants: (line) =>
      (session === undefined || line.session === session) &&
      (types === undefined || types.includes(line.type)) &&
      (matches === undefined || fits(line.event, matches)),
  };
}

/** Events that concern no host are for everybody. */
function fits(event: SessionEvent, matches: ReturnType<typeof hostMatcher>): boolean {
  if (event.type === 'tunnel') return matches(event.host, event.port);
  if (!('url' in event)) return true;
  const place = splitUrl(event.url);
  return place === undefined || matches(place.host, place.port);
}
