import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { linkSchema, setLinkRequest } from '../../network/link.js';
import { timelineRequest, timelineView } from '../../network/timeline/schema.js';
import { linkProfileView } from '../schemas.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';
import { sessionParams } from './sessions.js';

export function addLinkRoutes(app: OpenAPIHono, controller: StackController): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/links',
      operationId: 'listLinkProfiles',
      tags: ['links'],
      summary: 'The links that have a name',
      responses: { 200: json(z.array(linkProfileView), 'Profiles'), ...problems },
    }),
    (context) => context.json(controller.linkProfiles(), 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions/{id}/link',
      operationId: 'getLink',
      tags: ['links'],
      summary: 'The link of a session',
      request: { params: sessionParams },
      responses: { 200: json(z.object({ link: linkSchema.optional() }), 'The link, if it has one'), ...problems },
    }),
    (context) => {
      const { link } = controller.session(context.req.valid('param').id);
      return context.json(link === undefined ? {} : { link }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/sessions/{id}/link',
      operationId: 'setLink',
      tags: ['links'],
      summary: 'Put a link before all connections of a session; it takes effect at once, on open connections too',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: setLinkRequest } }, required: true },
      },
      responses: { 200: json(linkSchema, 'The link'), ...problems },
    }),
    async (context) =>
      context.json(await controller.setLink(context.req.valid('param').id, context.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/sessions/{id}/timeline',
      operationId: 'playTimeline',
      tags: ['links'],
      summary: 'Let the link of a session follow a timeline from now on; taking the link away ends it',
      request: {
        params: sessionParams,
        body: { content: { 'application/json': { schema: timelineRequest } }, required: true },
      },
      responses: { 200: json(timelineView, 'The timeline'), ...problems },
    }),
    async (context) =>
      context.json(await controller.playTimeline(context.req.valid('param').id, context.req.valid('json')), 200),
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sessions/{id}/link',
      operationId: 'removeLink',
      tags: ['links'],
      summary: 'Take the link away',
      request: { params: sessionParams },
      responses: { 204: { description: 'It has none any more' }, ...problems },
    }),
    async (context) => {
      await controller.removeLink(context.req.valid('param').id);
      return context.body(null, 204);
    },
  );
}
