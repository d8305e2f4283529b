import type { Context } from 'hono';
import { z } from 'zod';
import { onceEach, valid } from './input.js';
import type { OperatedStack } from './operated-stack.js';
import type { CallOptions, StackAddress, Transport } from './transport.js';

/** The names of a path's parameters: `/v1/sessions/{id}/toxics/{name}` has `id` and `name`. */
type ParamNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? [Name, ...ParamNames<Rest>]
  : [];
type Params<Path extends string> = Record<ParamNames<Path>[number], string>;

/** The same as arguments of a client's method. */
type Positions<Names extends string[]> = Names extends []
  ? []
  : Names extends [string]
    ? [id: string]
    : [session: string, id: string];

type Query<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strict>>;

/** A request to an operation, checked: all of it is of the declared types. */
interface CheckedRequest<Path extends string, Shape extends z.ZodRawShape, Body extends z.ZodType = z.ZodUndefined> {
  params: Params<Path>;
  query: Query<Shape>;
  body: z.output<Body>;
  /** Aborts when whoever asked has gone. */
  signal: AbortSignal;
}

interface Named<Path extends string, Shape extends z.ZodRawShape> {
  /** `operationId` of the OpenAPI document: what generated clients call it. */
  id: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: Path;
  tag: string;
  summary: string;
  description?: string;
  /** Any other key in the query string is refused. */
  query?: Shape;
}

/** An operation that answers with JSON, or with nothing. */
interface Declaration<
  Path extends string,
  Shape extends z.ZodRawShape,
  Body extends z.ZodType,
  Result extends z.ZodType,
> extends Named<Path, Shape> {
  /** An object, strict at every depth. */
  body?: Body;
  /** Default 1 MiB. */
  maxBodyBytes?: number;
  /** Left out: 204. */
  response?: Result;
  /** What the response is, for the document. */
  says: string;
  /** Of a success. Default 200. */
  status?: 200 | 201 | 202;
  run: (
    stack: OperatedStack,
    request: CheckedRequest<Path, Shape, Body>,
  ) => z.output<Result> | Promise<z.output<Result>>;
}

/** An operation whose response is written piece by piece. */
interface StreamDeclaration<Path extends string, Shape extends z.ZodRawShape> extends Named<Path, Shape> {
  contentType: string;
  /** What the stream consists of. */
  response: z.ZodType;
  says: string;
  respond: (
    stack: OperatedStack,
    request: Omit<CheckedRequest<Path, Shape>, 'body'>,
    context: Context,
  ) => Response | Promise<Response>;
}

/** A request as it came: the path's parameters, the query string, the body's JSON. */
interface RawRequest {
  params: Record<string, string>;
  query: Record<string, string[]>;
  body: unknown;
  signal: AbortSignal;
}

/** How a client sends a request to one operation. */
export type Send<Path extends string, Shape extends z.ZodRawShape, Body, Result> = (
  request: { params: Params<Path>; query?: { [Key in keyof Shape]?: unknown }; body?: Body },
  options?: CallOptions,
) => Promise<Result>;

/** What a client's method is made with, for operations that are more than one request and its response. */
export interface Connection {
  transport: Transport;
  address: StackAddress;
}

/** A client's method as it follows from a declaration: parameters of the path in order, then the body. */
type PlainCall<Path extends string, Body extends z.ZodType, Result extends z.ZodType> = (
  ...given: [z.input<Body>] extends [undefined]
    ? Positions<ParamNames<Path>>
    : [...Positions<ParamNames<Path>>, request: z.input<Body>]
) => Promise<z.output<Result>>;

/**
 * One operation of the control API, whole: its route and its part of the OpenAPI document are made from it, and the
 * client's method (`Method`; `undefined`: there is none).
 */
export interface Operation<Method = unknown> extends Omit<Named<string, z.ZodRawShape>, 'query'> {
  query: z.ZodObject | undefined;
  body: z.ZodType | undefined;
  maxBodyBytes: number;
  response: { status: number; says: string; contentType: string; schema: z.ZodType | undefined };
  /** Throws `UsageError` for what the declaration does not allow. */
  answer(stack: OperatedStack, request: RawRequest, context: Context): Promise<Response>;
  call(connection: Connection): Method;
}

const defaultMaxBodyBytes = 1024 * 1024;

/**
 * Declares an operation. `call`: the client's method, where it is not simply its parameters in and the response out.
 */
export function operation<
  Path extends string,
  Shape extends z.ZodRawShape = Record<never, never>,
  Body extends z.ZodType = z.ZodUndefined,
  Result extends z.ZodType = z.ZodVoid,
>(declaration: Declaration<Path, Shape, Body, Result>): Operation<PlainCall<Path, Body, Result>>;
export function operation<
  Method,
  Path extends string,
  Shape extends z.ZodRawShape = Record<never, never>,
  Body extends z.ZodType = z.ZodUndefined,
  Result extends z.ZodType = z.ZodVoid,
>(
  declaration: Declaration<Path, Shape, Body, Result>,
  call: (send: Send<Path, Shape, z.input<Body>, z.output<Result>>) => Method,
): Operation<Method>;
export function operation<
  Path extends string,
  Shape extends z.ZodRawShape,
  Body extends z.ZodType,
  Result extends z.ZodType,
>(
  { run, query, response, says, status = 200, ...named }: Declaration<Path, Shape, Body, Result>,
  call: (send: Send<Path, Shape, z.input<Body>, z.output<Result>>) => unknown = (send) => plainCall(named.path, send),
): Operation {
  const { body } = named;
  const parts = partsOf(named.path, query);
  const answers = { status: response === undefined ? 204 : status, says, contentType: 'application/json' };
  return {
    maxBodyBytes: defaultMaxBodyBytes,
    ...{ body: undefined, ...named, query: parts.query },
    response: { ...answers, schema: response },
    async answer(stack, request, context) {
      const checked = {
        ...parts.check(request),
        body: body === undefined ? (undefined as z.output<Body>) : valid(body, request.body),
      };
      const result = await run(stack, checked);
      return response === undefined ? context.body(null, 204) : Response.json(result, { status });
    },
    call: ({ transport }) =>
      call(({ params, query: asked = {}, body: sent }, options) =>
        transport.json(named.method.toUpperCase(), pathOf(named.path, params) + queryText(asked), sent, options),
      ),
  };
}

/** Declares an operation that streams. */
export function streamOperation<Method, Path extends string, Shape extends z.ZodRawShape = Record<never, never>>(
  { respond, query, response, says, contentType, ...named }: StreamDeclaration<Path, Shape>,
  call: (connection: Connection) => Method,
): Operation<Method> {
  const parts = partsOf(named.path, query);
  return {
    ...{ ...named, query: parts.query, body: undefined, maxBodyBytes: 0 },
    response: { status: 200, says, contentType, schema: response },
    answer: async (stack, request, context) => respond(stack, parts.check(request), context),
    call,
  };
}

/** `?since=3&hosts=a,b`: lists with commas, objects as JSON; without what is undefined. */
export function queryText(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) query.set(name, value.join());
    else if (value !== undefined) query.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The parameters of a path, in their order. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function pathOf(path: string, params: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function plainCall<Path extends string, Shape extends z.ZodRawShape, Body, Result>(
  path: Path,
  send: Send<Path, Shape, Body, Result>,
): unknown {
  const names = paramNames(path);
  return (...given: unknown[]) => {
    // What `PlainCall` says of the arguments: as many texts as the path has parameters, then the body.
    const params = Object.fromEntries(names.map((name, index) => [name, given[index]])) as Params<Path>;
    return send({ params, body: given[names.length] as Body });
  };
}

function partsOf<Path extends string, Shape extends z.ZodRawShape>(path: Path, shape: Shape | undefined) {
  const query = z.strictObject<Shape>(shape ?? ({} as Shape));
  return {
    query: shape === undefined ? undefined : query,
    check: ({ params, query: given, signal }: RawRequest) => ({
      params: Object.fromEntries(paramNames(path).map((name) => [name, params[name] ?? ''])) as Params<Path>,
      query: valid(query, onceEach(given)),
      signal,
    }),
  };
}
