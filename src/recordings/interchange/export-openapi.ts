import { header } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import { decodedBody } from './export-har.js';
import { schemaOf, type JsonSchema } from './infer-schema.js';

interface Operation {
  parameters: Map<string, { name: string; in: 'query' | 'path'; required: boolean }>;
  request: Map<string, unknown[]>;
  responses: Map<number, { reason: string; types: Map<string, unknown[]> }>;
}

/**
 * What a recording tells of an API as an OpenAPI 3.1 document: servers, paths (ids in them as parameters), queries, and
 * schemas of JSON bodies. A description of what was seen: what was not called is not there. `host`: of one backend
 * only.
 */
export async function exportOpenapi(recording: Recording, host?: string): Promise<Record<string, unknown>> {
  const servers = new Set<string>();
  const paths = new Map<string, Map<string, Operation>>();
  const { exchanges } = recording;
  for (let position = 0; position < exchanges.length; position++) {
    const exchange = exchanges.get(position);
    const { response } = exchange;
    if (response === undefined || exchange.tunnel !== undefined || !URL.canParse(exchange.url)) continue;
    const url = new URL(exchange.url);
    if (host !== undefined && url.host !== host && url.hostname !== host) continue;
    servers.add(url.origin);
    const { template, parameters } = templated(url.pathname);
    const operations = paths.get(template) ?? new Map<string, Operation>();
    paths.set(template, operations);
    const method = exchange.method.toLowerCase();
    const operation: Operation = operations.get(method) ?? {
      parameters: new Map(),
      request: new Map(),
      responses: new Map(),
    };
    operations.set(method, operation);
    for (const name of parameters) operation.parameters.set(`path ${name}`, { name, in: 'path', required: true });
    for (const name of url.searchParams.keys())
      operation.parameters.set(`query ${name}`, { name, in: 'query', required: false });
    add(operation.request, header(exchange.headers, 'content-type'), await recording.body(exchange.body));
    const answer = operation.responses.get(response.status) ?? {
      reason: response.reason,
      types: new Map<string, unknown[]>(),
    };
    operation.responses.set(response.status, answer);
    add(answer.types, header(response.headers, 'content-type'), await decodedBody(recording, response));
  }
  return {
    openapi: '3.1.0',
    info: { title: `Recorded in ${recording.info.testId}`, version: recording.info.appVersion },
    servers: [...servers].map((url) => ({ url })),
    paths: Object.fromEntries(
      [...paths].map(([path, operations]) => [
        path,
        Object.fromEntries([...operations].map(([method, operation]) => [method, operationObject(operation)])),
      ]),
    ),
  };
}

function operationObject({ parameters, request, responses }: Operation) {
  return {
    ...(parameters.size === 0
      ? {}
      : { parameters: [...parameters.values()].map((each) => ({ ...each, schema: { type: 'string' } })) }),
    ...(request.size === 0 ? {} : { requestBody: { content: contentObject(request) } }),
    responses: Object.fromEntries(
      [...responses].map(([status, { reason, types }]) => [
        String(status),
        { description: reason, ...(types.size === 0 ? {} : { content: contentObject(types) }) },
      ]),
    ),
  };
}

function contentObject(types: ReadonlyMap<string, unknown[]>) {
  return Object.fromEntries(
    [...types].map(([type, values]): [string, { schema?: JsonSchema }] => [
      type,
      values.length === 0 ? {} : { schema: schemaOf(values) },
    ]),
  );
}

function add(types: Map<string, unknown[]>, contentType: string | undefined, body: Buffer): void {
  if (body.length === 0) return;
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? 'application/octet-stream';
  const values = types.get(type) ?? [];
  types.set(type, values);
  if (!/[/+]json$/.test(type)) return;
  try {
    values.push(JSON.parse(body.toString('utf8')));
  } catch {
    // it says that it is JSON and is none
  }
}

/** Numbers and ids in a path are what differs from call to call: `/users/17` is `/users/{usersId}`. */
function templated(path: string): { template: string; parameters: string[] } {
  const parameters: string[] = [];
  const segments = path.split('/');
  const template = segments.map((segment, i) => {
    if (!/^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|[0-9A-HJKMNP-TV-Z]{26})$/i.test(segment)) return segment;
    const before = segments[i - 1]?.replace(/\W+/g, '') ?? '';
    const base = before === '' ? 'id' : `${before}Id`;
    const name = parameters.includes(base) ? `${base}${i}` : base;
    parameters.push(name);
    return `{${name}}`;
  });
  return { template: template.join('/'), parameters };
}
