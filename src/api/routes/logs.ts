import { z, type OpenAPIHono } from '@hono/zod-openapi';
import { stream } from 'hono/streaming';
import { AsyncQueue } from '../async-queue.js';
import { isFrom, type LogEntry } from '../../core/logger.js';
import { describeIssues, UsageError } from '../../errors/index.js';
import { logEntrySchema } from '../schemas.js';
import type { StackController } from '../stack-controller.js';
import { problems } from './responses.js';

const logQuery = z.object({
  source: z.string().optional().openapi({ example: 'mitm' }),
  lines: z.coerce.number().int().min(0).max(5000).default(200),
  follow: z.enum(['true', 'false']).default('false'),
});

/** Lines that a slow reader may be behind before it is cut off. */
const backlogLimit = 10_000;

export function addLogRoutes(app: OpenAPIHono, controller: StackController): void {
  // Registered apart from its handler: a stream of lines has no type that the router could check.
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/v1/logs',
    operationId: 'followLogs',
    tags: ['stack'],
    summary: 'Logs of the supervisor and its children, one JSON object a line; `follow=true` stays',
    request: { query: logQuery },
    responses: {
      200: { description: 'Log entries', content: { 'application/x-ndjson': { schema: logEntrySchema } } },
      ...problems,
    },
  });
  app.get('/v1/logs', (context) => {
    const query = logQuery.safeParse(context.req.query());
    if (!query.success) throw new UsageError(describeIssues(query.error));
    const { source, lines, follow } = query.data;
    context.header('content-type', 'application/x-ndjson');
    return stream(context, async (output) => {
      const wanted = (entry: LogEntry): boolean => source === undefined || isFrom(source, entry);
      const inbox = new AsyncQueue(controller.logs({ lines, ...(source === undefined ? {} : { source }) }));
      const stop =
        follow === 'true'
          ? controller.onLog((entry) => {
              if (wanted(entry)) inbox.put(entry);
            })
          : (): void => undefined;
      output.onAbort(() => inbox.wake());
      try {
        while (!output.aborted && inbox.size < backlogLimit) {
          const batch = inbox.takeAll();
          if (batch.length > 0) await output.write(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
          else if (follow === 'false') return;
          else await inbox.arrival();
        }
      } finally {
        stop();
      }
    });
  });
}
