import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { interceptionSchema, mockRequest, mockView, redirectRequest, redirectView } from '../../overrides/index.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';
import { sessionParams } from './sessions.js';

const mockParams = sessionParams.extend({
  mock: z.string().openapi({ param: { name: 'mock', in: 'path' }, example: 'mock-1a2b3c4d' }),
});
const redirectParams = sessionParams.extend({
  redirect: z.string().openapi({ param: { name: 'redirect', in: 'path' }, example: 'redirect-1a2b3c4d' }),
});
const removed = json(z.object({ removed: z.number().int() }), 'How many there were');

export function addRuleRoutes(app: OpenAPIHono, controller: StackController): void {
  addMockRoutes(app, controller);
  addRedirectRoutes(app, controller);
  addInterceptionRoutes(app, controller);
}

function addMockRoutes(app: OpenAPIHono, controller: StackController): void {
  const path = '/v1/sessions/{id}/mocks';
  const body = { content: { 'application/json': { schema: mockRequest } }, required: true };
  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listMocks',
      tags: ['mocks'],
      summary: 'The mocks of a session, with how often each was met',
      request: { params: sessionParams },
      responses: { 200: json(z.array(mockView), 'Mocks'), ...problems },
    }),
    (context) => context.json(controller.mocks(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addMock',
      tags: ['mocks'],
      summary: 'Add a mock; it holds for the next request',
      request: { params: sessionParams, body },
      responses: { 201: json(mockView, 'The mock'), ...problems },
    }),
    async (context) =>
      context.json(await controller.addMock(context.req.valid('param').id, context.req.valid('json')), 201),
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: `${path}/{mock}`,
      operationId: 'changeMock',
      tags: ['mocks'],
      summary: 'Change a mock; its counters go on',
      request: { params: mockParams, body },
      responses: { 200: json(mockView, 'The mock'), ...problems },
    }),
    async (context) => {
      const { id, mock } = context.req.valid('param');
      return context.json(await controller.changeMock(id, mock, context.req.valid('json')), 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: `${path}/{mock}`,
      operationId: 'removeMock',
      tags: ['mocks'],
      summary: 'Remove a mock',
      request: { params: mockParams },
      responses: { 204: { description: 'Removed' }, ...problems },
    }),
    async (context) => {
      const { id, mock } = context.req.valid('param');
      await controller.removeMock(id, mock);
      return context.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path,
      operationId: 'clearMocks',
      tags: ['mocks'],
      summary: 'Remove all mocks',
      request: { params: sessionParams },
      responses: { 200: removed, ...problems },
    }),
    async (context) => context.json({ removed: await controller.clearMocks(context.req.valid('param').id) }, 200),
  );
}

function addRedirectRoutes(app: OpenAPIHono, controller: StackController): void {
  const path = '/v1/sessions/{id}/redirects';
  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listRedirects',
      tags: ['redirects'],
      summary: 'The redirects of a session; the first that fits a request holds',
      request: { params: sessionParams },
      responses: { 200: json(z.array(redirectView), 'Redirects'), ...problems },
    }),
    (context) => context.json(controller.redirects(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addRedirect',
      tags: ['redirects'],
      summary: 'Send the requests for a host to another one, from the next request on',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: redirectRequest } }, required: true },
      },
      responses: { 201: json(redirectView, 'The redirect'), ...problems },
    }),
    async (context) =>
      context.json(await controller.addRedirect(context.req.valid('param').id, context.req.valid('json')), 201),
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: `${path}/{redirect}`,
      operationId: 'removeRedirect',
      tags: ['redirects'],
      summary: 'Remove a redirect',
      request: { params: redirectParams },
      responses: { 204: { description: 'Removed' }, ...problems },
    }),
    async (context) => {
      const { id, redirect } = context.req.valid('param');
      await controller.removeRedirect(id, redirect);
      return context.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path,
      operationId: 'clearRedirects',
      tags: ['redirects'],
      summary: 'Remove all redirects',
      request: { params: sessionParams },
      responses: { 200: removed, ...problems },
    }),
    async (context) => context.json({ removed: await controller.clearRedirects(context.req.valid('param').id) }, 200),
  );
}

function addInterceptionRoutes(app: OpenAPIHono, controller: StackController): void {
  const path = '/v1/sessions/{id}/interception';
  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'getInterception',
      tags: ['interception'],
      summary: 'The hosts whose TLS a session intercepts',
      request: { params: sessionParams },
      responses: { 200: json(interceptionSchema, 'Hosts'), ...problems },
    }),
    (context) => context.json(controller.interception(context.req.valid('param').id), 200),
  );
  app.openapi(
    createRoute({
      method: 'put',
      path,
      operationId: 'setInterception',
      tags: ['interception'],
      summary:
        'Set the hosts whose TLS a session intercepts, from the next request on; open tunnels that pass through stay',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: interceptionSchema } }, required: true },
      },
      responses: { 200: json(interceptionSchema, 'Hosts'), ...problems },
    }),
    async (context) =>
      context.json(await controller.intercept(context.req.valid('param').id, context.req.valid('json')), 200),
  );
}
