import { checkPattern } from '../core/user-pattern.js';
import { z } from 'zod';
import { isHeaderName, isJsonPath } from './checks.js';

/*
 * What a session can be told to answer or to change, as the API takes it. The names of a mock's fields are those of the
 * design.
 */

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/**
 * Any JSON value. Not `z.json()`, which refers to itself: an OpenAPI document cannot say that inline. What comes here
 * has been JSON.
 */
const jsonValue: z.ZodType<z.core.util.JSONType, z.core.util.JSONType> = z.any();

/** What a value must be: itself; one that is there at all; one that a regular expression finds itself in. */
const special = z.union([
  z.strictObject({ $any: z.literal(true) }),
  z.strictObject({ $regex: z.string().superRefine(checkPattern) }),
]);
export type Special = z.infer<typeof special>;

const jsonPath = z.string().refine(isJsonPath, 'This is not a JSONPath (RFC 9535)');
const headerName = z.string().refine(isHeaderName, 'This is not a header name');
/** What HTTP/1 can carry (RFC 9110 §5.5): visible characters, spaces and tabs, of Latin-1. */
const headerValue = z
  .string()
  .refine(
    (text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text),
    'A header holds no control characters, and none beyond Latin-1: encode them (RFC 8187)',
  );
const indexes = z.number().int().min(0);

export const predicateSchema = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Host pattern, with `*` and an optional port', example: '*.example.com' }),
    command: z
      .string()
      .startsWith('/')
      .optional()
      .meta({ description: 'Path without the query; `*` stands for anything', example: '/v2/cart/*' }),
    method: z.string().min(1).optional().meta({ example: 'POST' }),
    params: z
      .record(z.string(), z.union([scalar, special]))
      .optional()
      .meta({
        description: 'Of the query or of a form: each must be there with this value',
        example: { page: 2, q: { $any: true } },
      }),
    json_params: z
      .record(jsonPath, z.union([special, jsonValue]))
      .optional()
      .meta({ description: 'By JSONPath: some value that it finds must be equal', example: { '$.user.id': 42 } }),
    excluded_params: z
      .array(z.string())
      .optional()
      .meta({ description: 'Names of query or form parameters, or JSONPaths, that must not be there' }),
    applicable_for_requests: z
      .strictObject({
        before_index: indexes.optional(),
        after_index: indexes.optional(),
        with_index: z.union([indexes, z.array(indexes)]).optional(),
      })
      .optional()
      .meta({ description: 'Which of the requests that fit all else, counted from 0 for each mock' }),
  })
  .meta({ id: 'Predicate' });
export type Predicate = z.infer<typeof predicateSchema>;

const headerChange = z.strictObject({
  PUT: z.record(headerName, headerValue).optional(),
  DELETE: z.array(headerName).optional(),
});
export type HeaderChange = z.infer<typeof headerChange>;

const pairChange = z.record(z.string(), z.union([scalar, z.array(scalar), z.null()]));
export type PairChange = z.infer<typeof pairChange>;

const jsonChange = z.record(jsonPath, z.union([z.strictObject({ $delete: z.literal(true) }), jsonValue]));
export type JsonChange = z.infer<typeof jsonChange>;

const requestChangeSchema = z
  .strictObject({
    headers: headerChange.optional(),
    modify_query: pairChange.optional().meta({ description: 'By key; null takes it out' }),
    modify_form: pairChange.optional().meta({ description: 'By key, in a URL-encoded form; null takes it out' }),
    modify_json: jsonChange.optional().meta({ description: 'By JSONPath; `{"$delete": true}` takes it out' }),
  })
  .meta({ id: 'RequestChange' });
export type RequestChange = z.infer<typeof requestChangeSchema>;

const responseChangeSchema = z
  .strictObject({
    response: z
      .union([
        z.strictObject({ text: z.string() }),
        z.strictObject({ json: jsonValue }),
        z.strictObject({ base64: z.base64() }),
        z.strictObject({
          grpc_status: z.number().int().min(0).max(16),
          grpc_message: z.string().optional(),
          base64: z.base64().optional(),
        }),
      ])
      .optional()
      .meta({
        description:
          'The whole body: the backend is not asked. For a call of gRPC or gRPC-Web `base64` is its message, and `grpc_status` ends it',
      }),
    modify: jsonChange.optional().meta({
      description:
        'By JSONPath; all other bytes of the body stay as they are. In protobuf (gRPC, gRPC-Web) by the numbers of fields: `$["1"]["3"]`',
    }),
    delay_sec: z.number().min(0).max(3600).optional(),
    headers: headerChange.optional(),
    status: z.number().int().min(200).max(599).optional(),
  })
  .refine(({ response, modify }) => response === undefined || modify === undefined, {
    message: 'Give either `response` (the whole body) or `modify` (some of it)',
  })
  .meta({ id: 'ResponseChange' });
export type ResponseChange = z.infer<typeof responseChangeSchema>;

export const mockRequest = z
  .strictObject({
    predicate: predicateSchema.default({}),
    request: requestChangeSchema.optional(),
    response: responseChangeSchema.optional(),
  })
  .refine(({ request, response }) => request !== undefined || response !== undefined, {
    message: 'A mock changes something: give `request` or `response`',
  })
  .meta({ id: 'NewMock' });
export type MockRequest = z.output<typeof mockRequest>;
/** As a client writes it. */
export type MockInput = z.input<typeof mockRequest>;

/** A mock as a session has it. */
export interface Mock extends MockRequest {
  id: string;
}

export const mockView = z
  .object({
    id: z.string(),
    predicate: predicateSchema,
    request: requestChangeSchema.optional(),
    response: responseChangeSchema.optional(),
    fitted: z.number().int().meta({ description: 'Requests that fitted its predicate, its index conditions aside' }),
    hits: z.number().int().meta({ description: 'Requests that it was applied to' }),
  })
  .meta({ id: 'Mock' });
export type MockView = z.infer<typeof mockView>;

export const redirectRequest = z
  .strictObject({
    from: z
      .string()
      .min(1)
      .meta({ description: 'Host pattern, with `*` and an optional port', example: 'api.example.com' }),
    pathPrefix: z
      .string()
      .startsWith('/')
      .optional()
      .meta({ description: 'Only requests below this path; it is replaced' }),
    to: z.url({ protocol: /^https?$/ }).meta({
      description: 'Scheme, host, port, and a path that is put in front',
      example: 'https://staging.example.com:8443/v2',
    }),
    keepHost: z.boolean().default(false).meta({ description: 'Leave the Host header as the client sent it' }),
    keepServerName: z.boolean().default(false).meta({ description: 'Ask TLS for the name that the client asked for' }),
  })
  .meta({ id: 'NewRedirect' });
export type RedirectRequest = z.output<typeof redirectRequest>;
/** As a client writes it. */
export type RedirectInput = z.input<typeof redirectRequest>;

export const redirectView = redirectRequest.extend({ id: z.string() }).meta({ id: 'Redirect' });
export type Redirect = z.infer<typeof redirectView>;

const hosts = z.array(z.string().min(1)).default([]);

/** The hosts whose TLS a session opens. */
export const interceptionSchema = z
  .strictObject({
    intercept: hosts.meta({
      description: 'Only these are intercepted: patterns with `*` and an optional port. Empty: all',
      example: ['api.example.com'],
    }),
    noIntercept: hosts.meta({ description: 'These pass through untouched, whatever else holds' }),
  })
  .meta({ id: 'Interception' });
export type Interception = z.output<typeof interceptionSchema>;
/** As a client writes it. */
export type InterceptionInput = z.input<typeof interceptionSchema>;

/** How often a mock was met. */
export interface MockCounts {
  fitted: number;
  hits: number;
}

/** All rules of a session: plain data, handed to the MITM process as a whole. In the order in which they were added. */
export interface Overrides {
  mocks: Mock[];
  redirects: Redirect[];
  interception: Interception;
}
