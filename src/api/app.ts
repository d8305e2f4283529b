import { OpenAPIHono, type Hook } from '@hono/zod-openapi';
import type { Context, Env } from 'hono';
import { cors } from 'hono/cors';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../core/logger.js';
import { describeIssues, ProxyctlError, UsageError } from '../errors/index.js';
import { checkAccess, type AccessRules } from './access.js';
import { apiDocument } from './document.js';
import { addEventRoutes } from './routes/events.js';
import { addHistoryRoutes } from './routes/history.js';
import { addLogRoutes } from './routes/logs.js';
import { addSessionRoutes } from './routes/sessions.js';
import { addStackRoutes } from './routes/stack.js';
import { addLinkRoutes } from './routes/link.js';
import { addRuleRoutes } from './routes/rules.js';
import { addToxicRoutes } from './routes/toxics.js';
import type { StackController } from './stack-controller.js';

export interface ApiOptions {
  controller: StackController;
  access: AccessRules;
  version: string;
  logger: Logger;
}

/** The control API as a function of a request: routes, access, errors as RFC 9457 problems, and the document that describes it. */
export function createApp({ controller, access, version, logger }: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  const { allowedOrigins = [] } = access;
  if (allowedOrigins.length > 0)
    app.use(
      '*',
      cors({ origin: [...allowedOrigins], allowHeaders: ['authorization', 'content-type', 'last-event-id'] }),
    );
  app.use('*', async (context, next) => {
    checkAccess(access, {
      host: context.req.header('host'),
      origin: context.req.header('origin'),
      authorization: context.req.header('authorization'),
    });
    await next();
  });
  addStackRoutes(app, controller);
  addSessionRoutes(app, controller);
  addToxicRoutes(app, controller);
  addLinkRoutes(app, controller);
  addRuleRoutes(app, controller);
  addHistoryRoutes(app, controller);
  addEventRoutes(app, controller);
  addLogRoutes(app, controller);
  const document = apiDocument(app, version);
  app.get('/v1/openapi.json', (context) => context.json(document() as object));
  app.notFound((context) =>
    problem(
      context,
      new ProxyctlError('PROXYCTL_NOT_FOUND', `There is no ${context.req.method} ${context.req.path}`, {
        hint: 'GET /v1/openapi.json lists what there is.',
      }),
    ),
  );
  app.onError((error, context) => {
    if (error instanceof ProxyctlError) return problem(context, error);
    logger.error('The control API failed', { path: context.req.path, error: error.stack ?? error.message });
    return problem(context, undefined);
  });
  return app;
}

const refuseInvalid: Hook<unknown, Env, string, unknown> = (result) => {
  if (!result.success) throw new UsageError(describeIssues(result.error));
};

function problem(context: Context, error: ProxyctlError | undefined): Response {
  const status = (error?.httpStatus ?? 500) as ContentfulStatusCode;
  const code = error?.code ?? 'PROXYCTL_INTERNAL';
  const body = {
    type: `about:blank#${code}`,
    title: code,
    status,
    detail: error?.message ?? 'Something went wrong inside the stack; its log says what (proxyctl logs supervisor)',
    code,
    ...(error?.hint === undefined ? {} : { hint: error.hint }),
    ...(error === undefined || Object.keys(error.data).length === 0 ? {} : { data: error.data }),
  };
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}
