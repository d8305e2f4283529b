import { z } from 'zod';
import { checkValue } from '../../errors/index.js';
import type { Har } from '../../har/har.js';
import { expectRequest, expectResult } from '../../overrides/index.js';
import type { HarFilter } from '../../protocol/har-filter.js';
import { commaList } from '../event-filter.js';
import { operation } from '../operation.js';
import { harSchema } from '../schemas.js';

const predicate = z.string().transform((text, context) => {
  try {
    const { data, fault } = checkValue(expectRequest.shape.predicate, JSON.parse(text));
    if (fault === undefined) return data;
    context.addIssue({ code: 'custom', message: fault });
  } catch {
    context.addIssue({ code: 'custom', message: 'This is not JSON' });
  }
  return z.NEVER;
});

/**
 * What a session has seen, as HAR 1.2: from an index on, to some hosts, fitting a predicate. Of sessions with
 * `history`.
 */
export const har = operation(
  {
    id: 'getHar',
    method: 'get',
    path: '/v1/sessions/{id}/har',
    tag: 'history',
    summary: 'What a session with a history has seen, as HAR 1.2',
    query: {
      since: z.coerce.number().int().min(0).default(0).meta({ description: 'Entries from this index on' }),
      hosts: commaList.optional().meta({ description: 'Only those to these hosts (`*`), with commas' }),
      predicate: predicate.optional().meta({
        description: 'Only those that fit: a predicate like those of mocks and expectations, as JSON',
      }),
    },
    response: harSchema,
    says: 'HAR 1.2',
    run: (stack, { params, query }) => stack.history.har(params.id, query),
  },
  (send) =>
    (session: string, filter: Partial<HarFilter> = {}): Promise<Har> =>
      send({ params: { id: session }, query: { ...filter } }),
);

/** Waits until requests of a session (with `history`) fit; resolves in either case, with what came. */
export const expect = operation({
  id: 'expectRequests',
  method: 'post',
  path: '/v1/sessions/{id}/expect',
  tag: 'history',
  summary: 'Wait until requests of a session with a history fit, or the time is over',
  body: expectRequest,
  response: expectResult,
  says: 'Whether they came, and which',
  run: (stack, { params, body }) => stack.history.expect(params.id, body),
});
