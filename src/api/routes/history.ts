import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { describeIssues } from '../../errors/index.js';
import { expectRequest, expectResult } from '../../overrides/index.js';
import { commaList } from '../event-filter.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';
import { sessionParams } from './sessions.js';

const predicate = expectRequest.shape.predicate;
const harQuery = z.object({
  since: z.coerce.number().int().min(0).default(0).openapi({ description: 'Entries from this index on' }),
  hosts: commaList.optional().openapi({ type: 'string', description: 'Only those to these hosts (`*`), with commas' }),
  predicate: z
    .string()
    .transform((text, context) => {
      try {
        const parsed = predicate.safeParse(JSON.parse(text));
        if (parsed.success) return parsed.data;
        context.addIssue({ code: 'custom', message: describeIssues(parsed.error) });
      } catch {
        context.addIssue({ code: 'custom', message: 'This is not JSON' });
      }
      return z.NEVER;
    })
    .optional()
    .openapi({
      type: 'string',
      description: 'Only those that fit: a predicate like those of mocks and expectations, as JSON',
    }),
});

export function addHistoryRoutes(app: OpenAPIHono, controller: StackController): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions/{id}/har',
      operationId: 'getHar',
      tags: ['history'],
      summary: 'What a session with a history has seen, as HAR 1.2',
      request: { params: sessionParams, query: harQuery },
      responses: { 200: json(z.looseObject({ log: z.looseObject({}) }), 'HAR 1.2'), ...problems },
    }),
    async (context) => {
      const har = await controller.har(context.req.valid('param').id, context.req.valid('query'));
      return context.json({ ...har, log: { ...har.log } }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sessions/{id}/expect',
      operationId: 'expectRequests',
      tags: ['history'],
      summary: 'Wait until requests of a session with a history fit, or the time is over',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: expectRequest } }, required: true },
      },
      responses: { 200: json(expectResult, 'Whether they came, and which'), ...problems },
    }),
    async (context) =>
      context.json(await controller.expect(context.req.valid('param').id, context.req.valid('json')), 200),
  );
}
