import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { UsageError } from '../errors/index.js';
import type { OperatedStack } from './operated-stack.js';
import { paramNames, type Operation } from './operation.js';
import { readBody } from './request-body.js';
import { problem } from './schemas.js';

/** What stands in the document as an example of a path's parameter. */
const examples: Record<string, string> = {
  id: 'checkout-1',
  name: 'latency_downstream',
  mock: 'mock-1a2b3c4d',
  redirect: 'redirect-1a2b3c4d',
};

/** Gives the app an operation: its route and what the OpenAPI document says of it. */
export function registerOperation(app: OpenAPIHono, operation: Operation, stack: OperatedStack): void {
  app.openAPIRegistry.registerPath(routeOf(operation));
  const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
  app.on(operation.method.toUpperCase(), path, async (context) =>
    operation.answer(
      stack,
      {
        params: context.req.param(),
        query: context.req.queries(),
        body: await bodyOf(context, operation),
        signal: context.req.raw.signal,
      },
      context,
    ),
  );
}

async function bodyOf({ req }: Context, { method, body, maxBodyBytes }: Operation): Promise<unknown> {
  if (method === 'get' || method === 'delete') return undefined;
  const sent = await readBody(req.raw, maxBodyBytes);
  if (body !== undefined) {
    if (sent === undefined) throw new UsageError('A JSON object is needed as the body, and it is empty');
    return sent;
  }
  const [key] = Object.keys(sent ?? {});
  if (key !== undefined) throw new UsageError(`unknown: ${key} (this request has no body)`);
  return undefined;
}

function routeOf({ id, method, path, tag, summary, description, query, body, response }: Operation) {
  const names = paramNames(path);
  const params = names.map((name) => [name, z.string().meta({ example: examples[name] })] as const);
  return {
    ...{ method, path, operationId: id, tags: [tag], summary },
    ...(description === undefined ? {} : { description }),
    request: {
      ...(names.length === 0 ? {} : { params: z.object(Object.fromEntries(params)) }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body: { content: { 'application/json': { schema: body } }, required: true } }),
    },
    responses: {
      [response.status]: {
        description: response.says,
        ...(response.schema === undefined ? {} : { content: { [response.contentType]: { schema: response.schema } } }),
      },
      ...problemsOf(body !== undefined),
    },
  };
}

/** The errors that every operation may answer. */
function problemsOf(hasBody: boolean) {
  const content = { 'application/problem+json': { schema: problem } };
  return {
    400: { description: 'Not valid', content },
    401: { description: 'No or wrong token', content },
    404: { description: 'Not found', content },
    ...(hasBody ? { 413: { description: 'The body is too large', content } } : {}),
  };
}
