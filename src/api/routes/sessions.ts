import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  createSessionRequest,
  publishRequest,
  publishResult,
  renewRequest,
  sessionSummary,
  sessionView,
} from '../schemas.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';

export const sessionParams = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'checkout-1' }),
});

export function addSessionRoutes(app: OpenAPIHono, controller: StackController): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sessions',
      operationId: 'createSession',
      tags: ['sessions'],
      summary: 'Open a session: a proxy port of its own',
      request: { body: { content: { 'application/json': { schema: createSessionRequest } }, required: true } },
      responses: { 201: json(sessionView, 'The session'), ...problems },
    }),
    async (context) => context.json(await controller.createSession(context.req.valid('json')), 201),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions',
      operationId: 'listSessions',
      tags: ['sessions'],
      summary: 'All sessions',
      responses: { 200: json(z.array(sessionView), 'Sessions'), ...problems },
    }),
    (context) => context.json(controller.sessions(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions/{id}',
      operationId: 'getSession',
      tags: ['sessions'],
      summary: 'One session',
      request: { params: sessionParams },
      responses: { 200: json(sessionView, 'The session'), ...problems },
    }),
    (context) => context.json(controller.session(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions/{id}/summary',
      operationId: 'getSummary',
      tags: ['sessions'],
      summary: 'What a session has done: misses, failures, unused recorded exchanges',
      request: { params: sessionParams },
      responses: { 200: json(sessionSummary, 'Summary'), ...problems },
    }),
    async (context) => context.json(await controller.summary(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sessions/{id}/renew',
      operationId: 'renewSession',
      tags: ['sessions'],
      summary: 'Begin the lease of a session anew',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: renewRequest } }, required: true },
      },
      responses: { 200: json(sessionView, 'The session'), ...problems },
    }),
    (context) => context.json(controller.renewSession(context.req.valid('param').id, context.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sessions/{id}',
      operationId: 'deleteSession',
      tags: ['sessions'],
      summary: 'End a session; a recording that was not published is kept aside as rejected',
      request: { params: sessionParams },
      responses: { 200: json(sessionSummary, 'What it did'), ...problems },
    }),
    async (context) => context.json(await controller.deleteSession(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sessions/{id}/recording',
      operationId: 'endRecording',
      tags: ['sessions'],
      summary: 'Close a recording: publish it, or keep it aside as rejected',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: publishRequest } }, required: true },
      },
      responses: { 200: json(publishResult, 'What became of it'), ...problems },
    }),
    async (context) =>
      context.json(await controller.endRecording(context.req.valid('param').id, context.req.valid('json')), 200),
  );
}
