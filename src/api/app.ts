import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { cors } from 'hono/cors';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../core/logger.js';
import { ProxyctlError } from '../errors/index.js';
import { checkAccess, type AccessRules } from './access.js';
import { apiDocument } from './document.js';
import type { OperatedStack } from './operated-stack.js';
import { operations, operationsOf } from './operations/index.js';
import { registerOperation } from './register.js';
import { versionHeader } from './transport.js';

export interface ApiOptions {
  stack: OperatedStack;
  access: AccessRules;
  version: string;
  logger: Logger;
}

/** Anybody may claim any version. */
const maxVersionsTold = 20;

/**
 * The control API as a function of a request: routes, access, errors as RFC 9457 problems, and the document that
 * describes it.
 */
export function createApp({ stack, access, version, logger }: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono();
  const { allowedOrigins = [] } = access;
  if (allowedOrigins.length > 0)
    app.use(
      '*',
      cors({ origin: [...allowedOrigins], allowHeaders: ['authorization', 'content-type', 'last-event-id'] }),
    );
  const told = new Set([version]);
  app.use('*', async (context, next) => {
    context.header(versionHeader, version);
    const theirs = context.req.header(versionHeader);
    if (theirs !== undefined && !told.has(theirs) && told.size < maxVersionsTold) {
      told.add(theirs);
      logger.warn('A client of another version of proxyctl uses this stack', { client: theirs, stack: version });
    }
    checkAccess(access, {
      host: context.req.header('host'),
      origin: context.req.header('origin'),
      authorization: context.req.header('authorization'),
    });
    await next();
  });
  for (const operation of operationsOf(operations)) registerOperation(app, operation, stack);
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
