import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import {
  createSessionRequest,
  endedSession,
  publishRequest,
  publishResult,
  renewRequest,
  sessionSummary,
  sessionView,
  type EndedSession,
} from '../schemas.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';

export const sessionParams = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'checkout-1' }),
});

const flag = (description: string) => z.enum(['true', 'false']).default('false').openapi({ description });
const endQuery = z.object({
  har: flag('With what it has seen, as HAR 1.2: of sessions with a history'),
  logs: flag('With the newest of what the stack logged since it was opened'),
});

/** Lines of logs that come with the end of a session, at the most. */
const mostLogLines = 5000;

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
      request: { params: sessionParams, query: endQuery },
      responses: { 200: json(endedSession, 'What it did'), ...problems },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const asked = context.req.valid('query');
      const { createdAt } = controller.session(id);
      // First of all, so that a session without a history is not ended before that is said.
      const har = asked.har === 'true' ? await controller.har(id, { since: 0 }) : undefined;
      const summary = await controller.deleteSession(id);
      const ended: EndedSession = { ...summary };
      if (har !== undefined) ended.har = { log: { ...har.log } };
      if (asked.logs === 'true')
        ended.logs = controller.logs({ lines: mostLogLines }).filter(({ time }) => time >= createdAt);
      return context.json(ended, 200);
    },
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
    async (context) => {
      const { id } = context.req.valid('param');
      return context.json(await controller.endRecording(id, context.req.valid('json'), context.req.raw.signal), 200);
    },
  );
}
