import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Stack } from '../../supervisor/stack.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
}
interface Documented {
  requestBody?: { content: Record<string, { schema: Schema }> };
  parameters?: { name: string; in: string }[];
}
interface Document {
  paths: Record<string, Record<string, Documented>>;
  components: { schemas: Record<string, Schema> };
}

let stack: Stack;
let document: Document;
let id: string;

beforeAll(async () => {
  const running = await startStackWithOrigin('strict');
  ({ stack } = running);
  ({ id } = await stack.api.sessions.create({}));
  document = JSON.parse((await ask('GET', '/v1/openapi.json')).text) as Document;
  return running.close;
});

afterAll(() => {
  expect(stack.logs.tail({ lines: 5000 }).filter(({ message }) => message === 'The control API failed')).toEqual([]);
});

interface Answer {
  status: number;
  text: string;
  code?: string;
  detail?: string;
}

async function ask(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: IncomingHttpHeaders = { 'content-type': 'application/json' },
): Promise<Answer> {
  const { url, token } = stack.api.address;
  const request = httpRequest(new URL(path, url), {
    method,
    agent: false,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const answered = new Promise<Answer>((resolve, reject) => {
    request.on('response', (response) => {
      text(response).then((body) => {
        const isProblem = response.headers['content-type'] === 'application/problem+json';
        const problem = isProblem ? (JSON.parse(body) as { code: string; detail: string }) : {};
        resolve({ status: response.statusCode ?? 0, text: body, ...problem });
      }, reject);
    });
    request.on('error', reject);
  });
  request.end(body);
  return answered;
}

/** Every operation whose requests have a body, at a session that there is. */
function operations(): { method: string; path: string; schema: Schema }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      return schema === undefined ? [] : [{ method: method.toUpperCase(), path: realPath(path), schema }];
    }),
  );
}

function realPath(path: string): string {
  return path.replace('{id}', id).replace(/\{\w+\}/g, 'one');
}

/** Every object within a schema whose keys are declared, as a function that puts an object there. */
function objectsIn(
  given: Schema,
  put: (value: unknown) => unknown = (value) => value,
  inside: readonly string[] = [],
): { keys: string[]; put: (value: unknown) => unknown }[] {
  const { $ref } = given;
  const name = $ref?.split('/').at(-1);
  if (name !== undefined && inside.includes(name)) return [];
  const schema = name === undefined ? given : (document.components.schemas[name] ?? {});
  const within = name === undefined ? inside : [...inside, name];
  const { properties = {}, additionalProperties, items, anyOf = [], allOf = [] } = schema;
  const keys = Object.keys(properties);
  return [
    ...(schema.type === 'object' && keys.length > 0 ? [{ keys, put }] : []),
    ...Object.entries(properties).flatMap(([key, property]) =>
      objectsIn(property, (value) => put({ [key]: value }), within),
    ),
    ...(typeof additionalProperties === 'object'
      ? objectsIn(additionalProperties, (value) => put({ '$.x': value }), within)
      : []),
    ...(items === undefined ? [] : objectsIn(items, (value) => put([value]), within)),
    ...(anyOf.some(isAnything) ? [] : anyOf.flatMap((part) => objectsIn(part, put, within))),
    ...allOf.flatMap((part) => objectsIn(part, put, within)),
  ];
}

/** Any JSON value: nothing in it is unknown. */
function isAnything({ type, $ref, anyOf, allOf }: Schema): boolean {
  return [type, $ref, anyOf, allOf].every((part) => part === undefined);
}

describe('whatever the operation, a request is refused by name:', () => {
  test('with a body that is none, or no JSON object, or not JSON', async () => {
    expect(operations().length).toBeGreaterThan(10);
    for (const { method, path } of operations()) {
      const faults = [];
      for (const body of ['', '{', '[]', '"x"', 'null', '7', 'true', '{"a":1,}', '{}{}'])
        faults.push(await ask(method, path, body));
      const common = { status: 400, code: 'PROXYCTL_USAGE' };
      expect(faults, `${method} ${path}`).toMatchObject([
        { ...common, detail: 'A JSON object is needed as the body, and it is empty' },
        { ...common, detail: expect.stringContaining('line 1, column 2: a comma or the closing brace') as string },
        { ...common, detail: 'The body must be a JSON object, not an array' },
        { ...common, detail: 'The body must be a JSON object, not a string' },
        { ...common, detail: 'The body must be a JSON object, not null' },
        { ...common, detail: 'The body must be a JSON object, not a number' },
        { ...common, detail: 'The body must be a JSON object, not a boolean' },
        { ...common, detail: expect.stringContaining('line 1, column 8: the name of a member') as string },
        { ...common, detail: expect.stringContaining('line 1, column 3: the end was expected') as string },
      ]);
    }
  });

  test('with an unknown key, at the top and in each nested object, with the one that was meant', async () => {
    let objects = 0;
    for (const { method, path, schema } of operations()) {
      for (const { keys, put } of objectsIn(schema)) {
        const [key = ''] = keys;
        for (const [unknown, says] of [
          [`${key}x`, `${key}x (did you mean ${key}?)`],
          ['xyzzy', 'xyzzy'],
          ['__proto__', '__proto__'],
        ] as const) {
          const body = JSON.stringify(put({ unknown: 1 })).replace('"unknown"', JSON.stringify(unknown));
          const { status, code, detail } = await ask(method, path, body);
          expect({ status, code, detail }, `${method} ${path} ${body}`).toEqual({
            status: 400,
            code: 'PROXYCTL_USAGE',
            detail: expect.stringMatching(new RegExp(`unknown: .*${says.replace(/[()?$]/g, '\\$&')}`)) as string,
          });
        }
        objects += 1;
      }
    }
    expect(objects).toBeGreaterThan(25);
  });

  test('with an unknown key in the query, or one that stands there twice', async () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { parameters = [] }] of Object.entries(item)) {
        const body = method === 'get' || method === 'delete' ? undefined : '{}';
        const known = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
        const meant = known.map((name) => [`${name}x=1`, `unknown: ${name}x (did you mean ${name}?)`] as const);
        for (const [query, detail] of [['xyzzy=1', 'unknown: xyzzy'] as const, ...meant]) {
          const answer = await ask(method.toUpperCase(), `${realPath(path)}?${query}`, body);
          expect(answer, `${method} ${path}?${query}`).toMatchObject({
            status: 400,
            code: 'PROXYCTL_USAGE',
            detail,
          });
        }
      }
    }
    const logs = '/v1/logs?lines=1';
    expect((await ask('GET', logs)).status).toBe(200);
    expect((await ask('GET', `${logs}&lines=2`)).detail).toBe('lines: stands more than once in the query');
    expect((await ask('GET', `${logs}&folow=true`)).detail).toBe('unknown: folow (did you mean follow?)');
  });

  test('with a body where none belongs', async () => {
    expect((await ask('POST', '/v1/shutdown', '{"now":true}')).detail).toBe('unknown: now (this request has no body)');
    expect((await ask('POST', '/v1/shutdown', '{')).status).toBe(400);
  });
});

test.each([
  ['latency', 'latncy', 'latency'],
  ['bandwidth', 'rat', 'rate'],
  ['packet-loss', 'los', 'loss'],
])('a toxic %s with the attribute %s is refused with the one that was meant', async (type, given, meant) => {
  const body = JSON.stringify({ type, attributes: { [given]: 10 } });
  expect(await ask('POST', `/v1/sessions/${id}/toxics`, body)).toMatchObject({
    status: 400,
    detail: expect.stringContaining(`"${given}" (did you mean ${meant}?)`) as string,
  });
});

test('what the session has under such keys is any value, and none of it is unknown', async () => {
  const mock = {
    predicate: { json_params: { '$.a': { predicat: 1 } } },
    response: { response: { json: { statsu: 1 } } },
  };
  expect((await ask('POST', `/v1/sessions/${id}/mocks`, JSON.stringify(mock))).status).toBe(201);
});

test.each([
  ['text/plain', 400],
  ['application/x-www-form-urlencoded', 400],
  ['multipart/form-data; boundary=x', 400],
  ['application/json; charset=latin1', 400],
  ['application/jsonl', 400],
  ['application/json', 200],
  ['Application/JSON; charset=UTF-8', 200],
  ['application/merge-patch+json', 200],
  [undefined, 200],
])('a body of the content type %s is answered with %d', async (type, status) => {
  const headers = type === undefined ? {} : { 'content-type': type };
  const answer = await ask('POST', `/v1/sessions/${id}/renew`, '{}', headers);
  expect(answer.status).toBe(status);
  if (status === 400) expect(answer.detail).toContain(type);
});

test('a body in a content coding, or in another coding of characters than UTF-8, is refused by name', async () => {
  const path = `/v1/sessions/${id}/renew`;
  const json = { 'content-type': 'application/json' };
  expect((await ask('POST', path, '{}', { ...json, 'content-encoding': 'gzip' })).detail).toContain('gzip');
  expect((await ask('POST', path, Buffer.from('{"é":1}', 'latin1'), json)).detail).toContain('UTF-8');
  expect((await ask('POST', path, Buffer.from('\uFEFF{}', 'utf16le'), json)).detail).toContain('UTF-8');
});

test.each([false, true])(
  'a body past the limit of its operation is 413 with the limit (chunked: %s)',
  async (chunked) => {
    const headers = { 'content-type': 'application/json', ...(chunked ? { 'transfer-encoding': 'chunked' } : {}) };
    const large = JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024) });
    expect(await ask('POST', '/v1/sessions', large, headers)).toMatchObject({
      status: 413,
      code: 'PROXYCTL_BODY_TOO_LARGE',
      detail: 'The body of this request may have 1 MiB at the most',
    });
    const mock = JSON.stringify({ response: { response: { text: 'x'.repeat(2 * 1024 * 1024) } } });
    expect((await ask('POST', `/v1/sessions/${id}/mocks`, mock, headers)).status).toBe(201);
  },
);

test('a body that is nested as no declared one is refused, and the API goes on', async () => {
  const deep = `{"response":{"response":{"json":${'['.repeat(100_000)}${']'.repeat(100_000)}}}}`;
  expect((await ask('POST', `/v1/sessions/${id}/mocks`, deep)).detail).toContain('nested deeper');
  expect((await ask('GET', '/v1/status')).status).toBe(200);
});

test('a follower of events is refused by name, by Server-Sent Events and by WebSocket', async () => {
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const key = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
  const query = '/v1/events?typs=request';
  expect((await ask('GET', `${query}&follow=false`)).detail).toBe('unknown: typs (did you mean types?)');
  expect(await ask('GET', query, undefined, { ...upgrade, ...key })).toMatchObject({
    status: 400,
    text: 'unknown: typs (did you mean types?)\n',
  });
});

test('a predicate in a query is as strict as one in a body', async () => {
  const predicate = encodeURIComponent('{"methd":"GET"}');
  expect(await ask('GET', `/v1/sessions/${id}/har?predicate=${predicate}`)).toMatchObject({
    status: 400,
    detail: 'predicate: unknown: methd (did you mean method?)',
  });
});
