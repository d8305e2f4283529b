import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { AsyncQueue } from '../async-queue.js';
import type { EventLine } from '../../protocol/event-line.js';
import { eventFilter, eventQuery } from '../event-filter.js';
import { feedEvents } from '../event-feed.js';
import type { StackController } from '../stack-controller.js';
import { problems } from './responses.js';
import { sessionParams } from './sessions.js';

/** Events that a slow reader may be behind before some go past it. */
const backlogLimit = 10_000;
/** A comment goes out so often, so that a reader that has left is noticed, ms. */
const heartbeatMs = 15_000;

const query = eventQuery.extend({
  follow: z.enum(['true', 'false']).default('true').openapi({ description: '`false`: only what has happened' }),
});
const description =
  'Server-Sent Events: `id` is the number of the event (`Last-Event-ID` goes on from there), `event` its type, `data` the event as ' +
  'JSON. As WebSocket: one JSON event a message. A `missed` event tells of those that went past a slow reader.';

/** `GET /v1/events` and `GET /v1/sessions/:id/events` for readers that speak HTTP. */
export function addEventRoutes(app: OpenAPIHono, controller: StackController): void {
  const content = { 'text/event-stream': { schema: z.string() } };
  const responses = { 200: { description: 'Events', content }, ...problems };
  const common = { method: 'get' as const, tags: ['events'], description, responses };
  // Registered apart from their handler: a stream has no type that the router could check.
  app.openAPIRegistry.registerPath({
    ...common,
    path: '/v1/events',
    operationId: 'followEvents',
    summary: 'What happens',
    request: { query },
  });
  app.openAPIRegistry.registerPath({
    ...common,
    path: '/v1/sessions/{id}/events',
    operationId: 'followSessionEvents',
    summary: 'What happens in a session',
    request: { params: sessionParams, query },
  });
  app.get('/v1/events', (context) => serveEvents(context, controller, undefined));
  app.get('/v1/sessions/:id/events', (context) => {
    const { id } = controller.session(context.req.param('id'));
    return serveEvents(context, controller, id);
  });
}

async function serveEvents(context: Context, controller: StackController, session: string | undefined) {
  const resumed = context.req.header('last-event-id');
  const asked = context.req.query();
  const filter = eventFilter(resumed === undefined ? asked : { since: resumed, ...asked }, session);
  const follow = asked['follow'] !== 'false';
  await controller.eventsReady();
  return streamSSE(context, async (output) => {
    const inbox = new AsyncQueue<EventLine>();
    const stop = feedEvents(controller, follow ? filter : { ...filter, since: filter.since ?? 0 }, {
      send: (line) => inbox.put(line),
      isBehind: () => inbox.size >= backlogLimit,
    });
    output.onAbort(() => inbox.wake());
    try {
      while (!output.aborted) {
        for (const { seq, type, text } of inbox.takeAll()) {
          const id = seq === undefined ? {} : { id: String(seq) };
          await output.writeSSE({ event: type, data: text, ...id });
        }
        if (inbox.size > 0) continue;
        if (!follow) return;
        if (!(await inbox.arrival(heartbeatMs))) await output.write(': still here\n\n');
      }
    } finally {
      stop();
    }
  });
}
