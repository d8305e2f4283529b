import { z } from 'zod';
import { isFrom, type LogEntry } from '../../core/logger.js';
import { AsyncQueue } from '../async-queue.js';
import { queryText, streamOperation } from '../operation.js';
import { logEntrySchema } from '../schemas.js';

/** Lines that a slow reader may be behind before it is cut off. */
const backlogLimit = 10_000;

/** Which lines of the log, and whether those that come are followed. */
export interface LogOptions {
  source?: string;
  follow?: boolean;
  lines?: number;
  signal?: AbortSignal;
}

export const logs = streamOperation(
  {
    id: 'followLogs',
    method: 'get',
    path: '/v1/logs',
    tag: 'stack',
    summary: 'Logs of the supervisor and its children, one JSON object a line; `follow=true` stays',
    query: {
      source: z.string().optional().meta({ example: 'mitm' }),
      lines: z.coerce.number().int().min(0).max(5000).default(200),
      follow: z.enum(['true', 'false']).default('false'),
    },
    contentType: 'application/x-ndjson',
    response: logEntrySchema,
    says: 'Log entries',
    async respond(stack, { query: { source, lines, follow } }, context) {
      const { stream } = await import('hono/streaming');
      context.header('content-type', 'application/x-ndjson');
      return stream(context, async (output) => {
        const wanted = (entry: LogEntry): boolean => source === undefined || isFrom(source, entry);
        const queue = new AsyncQueue(stack.logs.tail({ lines, source }));
        const stop =
          follow === 'true'
            ? stack.logs.listen((entry) => {
                if (wanted(entry)) queue.put(entry);
              })
            : (): void => undefined;
        output.onAbort(() => queue.wake());
        try {
          while (!output.aborted && queue.size < backlogLimit) {
            const batch = queue.takeAll();
            if (batch.length > 0) await output.write(batch.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
            else if (follow === 'false') return;
            else await queue.arrival();
          }
        } finally {
          stop();
        }
      });
    },
  },
  ({ transport }) =>
    ({ signal, ...asked }: LogOptions = {}): AsyncIterable<LogEntry> =>
      transport.lines<LogEntry>(`/v1/logs${queryText({ ...asked })}`, signal),
);
