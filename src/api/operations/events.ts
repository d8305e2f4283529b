import type { Context } from 'hono';
import { z } from 'zod';
import type { EventLine } from '../../protocol/event-line.js';
import { AsyncQueue } from '../async-queue.js';
import { feedEvents } from '../event-feed.js';
import { eventFilter, eventQuery, type EventFilter } from '../event-filter.js';
import { eventStream, type EventOptions, type EventStream } from '../event-stream.js';
import { valid } from '../input.js';
import type { OperatedStack } from '../operated-stack.js';
import { streamOperation } from '../operation.js';

/** Events that a slow reader may be behind before some go past it. */
const backlogLimit = 10_000;
/** A comment goes out so often, so that a reader that has left is noticed, ms. */
const heartbeatMs = 15_000;

const query = {
  ...eventQuery.shape,
  follow: z.enum(['true', 'false']).default('true').meta({ description: '`false`: only what has happened' }),
};
const common = {
  method: 'get' as const,
  tag: 'events',
  description:
    'Server-Sent Events: `id` is the number of the event (`Last-Event-ID` goes on from there), `event` its type, `data` the event as ' +
    'JSON. As WebSocket: one JSON event a message. A `missed` event tells of those that went past a slow reader.',
  query,
  contentType: 'text/event-stream',
  response: z.string(),
  says: 'Events',
};
type EventQuery = z.output<z.ZodObject<typeof query>>;

/** Events as they happen, until `signal` aborts; with `since` first what came after that one. */
export const events = streamOperation(
  {
    ...common,
    id: 'followEvents',
    path: '/v1/events',
    summary: 'What happens',
    respond: (stack, request, context) => serveEvents(context, stack, request.query, undefined),
  },
  ({ address }) =>
    (options?: EventOptions): EventStream =>
      eventStream(address, options),
);

/** For the client `events` has it, with `session`. */
export const eventsOfSession = streamOperation(
  {
    ...common,
    id: 'followSessionEvents',
    path: '/v1/sessions/{id}/events',
    summary: 'What happens in a session',
    respond: (stack, { params, query: asked }, context) =>
      serveEvents(context, stack, asked, stack.sessions.get(params.id).id),
  },
  () => undefined,
);

async function serveEvents(
  context: Context,
  stack: OperatedStack,
  asked: EventQuery,
  session: string | undefined,
): Promise<Response> {
  const { follow, ...wanted } = asked;
  const filter: EventFilter = eventFilter(resumed(wanted, context.req.header('last-event-id')), session);
  await stack.events.ready();
  const { streamSSE } = await import('hono/streaming');
  return streamSSE(context, async (output) => {
    const queue = new AsyncQueue<EventLine>();
    const stop = feedEvents(stack, follow === 'true' ? filter : { ...filter, since: filter.since ?? 0 }, {
      send: (line) => queue.put(line),
      isBehind: () => queue.size >= backlogLimit,
    });
    output.onAbort(() => queue.wake());
    try {
      while (!output.aborted) {
        for (const { seq, type, text } of queue.takeAll()) {
          const id = seq === undefined ? {} : { id: String(seq) };
          await output.writeSSE({ event: type, data: text, ...id });
        }
        if (queue.size > 0) continue;
        if (follow === 'false') return;
        if (!(await queue.arrival(heartbeatMs))) await output.write(': still here\n\n');
      }
    } finally {
      stop();
    }
  });
}

/** What `since` of the query says comes before what a reader that connects again remembers. */
function resumed<Asked extends { since?: number | undefined }>(asked: Asked, lastEventId: string | undefined): Asked {
  if (lastEventId === undefined || asked.since !== undefined) return asked;
  return { ...asked, since: valid(eventQuery.shape.since, lastEventId) };
}
