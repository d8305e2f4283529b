import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { toxicSchema } from '../../toxics/toxic.js';
import { addToxicRequest, updateToxicRequest } from '../schemas.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';
import { sessionParams } from './sessions.js';

const toxicParams = sessionParams.extend({
  name: z.string().openapi({ param: { name: 'name', in: 'path' }, example: 'latency_downstream' }),
});

export function addToxicRoutes(app: OpenAPIHono, controller: StackController): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions/{id}/toxics',
      operationId: 'listToxics',
      tags: ['toxics'],
      summary: 'The toxics of a session',
      request: { params: sessionParams },
      responses: { 200: json(z.array(toxicSchema), 'Toxics'), ...problems },
    }),
    async (context) => context.json(await controller.toxics(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sessions/{id}/toxics',
      operationId: 'addToxic',
      tags: ['toxics'],
      summary: 'Add a toxic; it takes effect at once, on open connections too',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: addToxicRequest } }, required: true },
      },
      responses: { 201: json(z.array(toxicSchema), 'What was added: two for `stream: both`'), ...problems },
    }),
    async (context) =>
      context.json(await controller.addToxic(context.req.valid('param').id, context.req.valid('json')), 201),
  );
  app.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/sessions/{id}/toxics/{name}',
      operationId: 'updateToxic',
      tags: ['toxics'],
      summary: 'Change a toxic in place',
      request: {
        params: toxicParams,
        body: { content: { 'application/json': { schema: updateToxicRequest } }, required: true },
      },
      responses: { 200: json(toxicSchema, 'The toxic'), ...problems },
    }),
    async (context) => {
      const { id, name } = context.req.valid('param');
      return context.json(await controller.updateToxic(id, name, context.req.valid('json')), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sessions/{id}/toxics/{name}',
      operationId: 'removeToxic',
      tags: ['toxics'],
      summary: 'Remove a toxic',
      request: { params: toxicParams },
      responses: { 204: { description: 'Removed' }, ...problems },
    }),
    async (context) => {
      const { id, name } = context.req.valid('param');
      await controller.removeToxic(id, name);
      return context.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sessions/{id}/toxics',
      operationId: 'resetToxics',
      tags: ['toxics'],
      summary: 'Remove all toxics and enable the listener',
      request: { params: sessionParams },
      responses: { 200: json(z.object({ removed: z.number().int() }), 'How many there were'), ...problems },
    }),
    async (context) => context.json({ removed: await controller.resetToxics(context.req.valid('param').id) }, 200),
  );
}
