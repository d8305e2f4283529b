import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { stackStatus } from '../schemas.js';
import type { StackController } from '../stack-controller.js';
import { json, problems } from './responses.js';

const caView = z
  .object({ pem: z.string(), path: z.string(), fingerprint256: z.string() })
  .openapi('CertificateAuthority');

export function addStackRoutes(app: OpenAPIHono, controller: StackController): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/status',
      operationId: 'getStatus',
      tags: ['stack'],
      summary: 'The stack, its children and its sessions',
      responses: { 200: json(stackStatus, 'Status'), ...problems },
    }),
    (context) => context.json(controller.status(), 200),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/shutdown',
      operationId: 'shutdown',
      tags: ['stack'],
      summary: 'Stop the stack',
      responses: { 202: json(z.object({ stopping: z.boolean() }), 'It stops'), ...problems },
    }),
    (context) => {
      controller.requestShutdown();
      return context.json({ stopping: true }, 202);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/ca',
      operationId: 'getCa',
      tags: ['stack'],
      summary: 'The certificate authority that clients must trust',
      responses: { 200: json(caView, 'Certificate authority'), ...problems },
    }),
    (context) => context.json(controller.ca(), 200),
  );
}
