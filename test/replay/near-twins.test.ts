import { describe, expect, test } from 'vitest';
import { type RawHeaders, writeVarint } from '../../src/http/index.js';
import { form, json, recordedAt, Replay, type Incoming } from '../helpers/replaying.js';

/*
 * Requests that differ in one thing. What means something must never get another's answer, and what means nothing must
 * get its own. Each is asked of a recording that has the other alone, an hour or a month later.
 */

const host = 'http://shop.test';
const hour = 3_600_000;
/** Later than the recording, which is of November. */
const inJanuary = 45 * 24 * hour;

const get = (target: string, headers: RawHeaders = []): Incoming => ({ url: host + target, headers });
const post = (target: string, value: unknown, headers: RawHeaders = []): Incoming => ({
  ...{ method: 'POST', url: host + target, headers: [...json, ...headers] },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const send = (method: string, target: string, body = '', headers: RawHeaders = []): Incoming => ({
  ...{ method, url: host + target, headers },
  ...(body === '' ? {} : { body }),
});
const typed = (type: string, body: string | Buffer, headers: RawHeaders = []): Incoming => ({
  ...{ method: 'POST', url: `${host}/x`, body, headers: ['Content-Type', type, ...headers] },
});
const graphql = (query: string, variables: object = {}, operationName?: string): Incoming =>
  post('/graphql', { query, variables, ...(operationName === undefined ? {} : { operationName }) });
const soap = (inner: string): Incoming =>
  typed('text/xml', `<e:Envelope xmlns:e="urn:soap"><e:Body>${inner}</e:Body></e:Envelope>`);

const multipart = (
  parts: readonly [disposition: string, content: string, type?: string][],
  boundary = 'b1',
): Incoming => {
  const pieces = parts.map(([disposition, content, type]) => {
    const head = type === undefined ? '' : `\r\nContent-Type: ${type}`;
    return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}${head}\r\n\r\n${content}\r\n`;
  });
  return typed(`multipart/form-data; boundary=${boundary}`, `${pieces.join('')}--${boundary}--\r\n`);
};

const text = (number: number, value: string): Buffer => bytes(number, Buffer.from(value));
const bytes = (number: number, value: Buffer): Buffer =>
  Buffer.concat([writeVarint(BigInt((number << 3) | 2)), writeVarint(BigInt(value.length)), value]);
const varint = (number: number, value: number | bigint): Buffer =>
  Buffer.concat([writeVarint(BigInt(number << 3)), writeVarint(BigInt(value))]);
const grpc = (...fields: Buffer[]): Incoming => {
  const message = Buffer.concat(fields);
  const length = Buffer.alloc(5);
  length.writeUInt32BE(message.length, 1);
  return { ...typed('application/grpc', Buffer.concat([length, message])), url: `${host}/shop.Orders/Place` };
};
const proto = (...fields: Buffer[]): Incoming => typed('application/x-protobuf', Buffer.concat(fields));

const jwt = (claims: object, signature = 'c2lnbmF0dXJlLW9uZQ'): string =>
  [{ alg: 'HS256' }, claims].map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')).join('.') +
  `.${signature}`;
const bearer = (token: string): RawHeaders => ['Authorization', `Bearer ${token}`];
const basic = (user: string): RawHeaders => ['Authorization', `Basic ${Buffer.from(user).toString('base64')}`];
const signed = (path: string, more = '', key = 'AKIAONE', signature = 'ab12'): Incoming =>
  get(
    `/${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${key}%2F20261121%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261121T100000Z&X-Amz-Signature=${signature}${more}`,
  );

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const png = (pixels: string): string => Buffer.from(`\u0089PNG\r\n\u001a\n${pixels}`, 'latin1').toString('base64');

const uuids = ['0b5f5f0e-6c2f-4f7e-9d35-0a58d9c1a001', 'c6c1b1de-99aa-4d1b-8a9f-7b1f0d3c9b42'] as const;

const hashes = [
  'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38',
  '6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b',
] as const;

type Pair = [what: string, recorded: Incoming, incoming: Incoming];

const twins: Pair[] = [
  // amounts and numbers
  ['an amount in JSON', post('/pay', { amount: 10 }), post('/pay', { amount: 20 })],
  ['an amount in a form', typed(form[1] as string, 'amount=10'), typed(form[1] as string, 'amount=100')],
  [
    'an amount of ten digits, like an epoch',
    post('/pay', { amount: 1795255200 }),
    post('/pay', { amount: 1795255201 }),
  ],
  ['the sign of an amount', post('/pay', { amount: 10 }), post('/pay', { amount: -10 })],
  ['a number past 2^53', post('/a', '{"n":9007199254740993}'), post('/a', '{"n":9007199254740992}')],
  ['a small fraction', post('/a', { rate: 0.1 }), post('/a', { rate: 0.11 })],
  ['a number and its text', post('/a', { zip: 1010 }), post('/a', { zip: '1010' })],
  ['null and a text', post('/a', { name: null }), post('/a', { name: 'null' })],
  ['a member that is missing', post('/a', { a: 1, coupon: 'X' }), post('/a', { a: 1 })],
  ['a member that is null and one that is missing', post('/a', { a: 1, b: null }), post('/a', { a: 1 })],
  ['true and false', post('/a', { gift: true }), post('/a', { gift: false })],
  ['an empty list and none', post('/a', { tags: [] }), post('/a', { tags: {} })],
  // base64
  [
    'JSON in base64',
    typed(form[1] as string, `data=${base64({ event: 'buy', amount: 10 })}`),
    typed(form[1] as string, `data=${base64({ event: 'buy', amount: 20 })}`),
  ],
  [
    'JSON in base64url',
    get(`/s?filter=${base64url({ category: 'shoes' })}`),
    get(`/s?filter=${base64url({ category: 'boots' })}`),
  ],
  [
    'a text in base64',
    post('/a', { file: base64('this is file one of two') }),
    post('/a', { file: base64('this is file two of two') }),
  ],
  ['an id in base64', post('/a', { id: base64('Product:1001') }), post('/a', { id: base64('Product:1002') })],
  ['a picture in base64', post('/a', { image: png('one'.repeat(20)) }), post('/a', { image: png('two'.repeat(20)) })],
  ['a thing that is removed', send('DELETE', `/users/${uuids[0]}`), send('DELETE', `/users/${uuids[1]}`)],
  [
    'a thing that is changed',
    send('PATCH', `/users/${uuids[0]}`, '{}', json),
    send('PATCH', `/users/${uuids[1]}`, '{}', json),
  ],
  [
    'a thing that something is done to',
    send('POST', `/orders/${uuids[0]}/pay`),
    send('POST', `/orders/${uuids[1]}/pay`),
  ],
  ['a thing by its id', get(`/orders?id=${uuids[0]}`), get(`/orders?id=${uuids[1]}`)],
  ['a thing by a random word', get('/booking?code=X7K9Q2MB'), get('/booking?code=P3R8T5WZ')],
  [
    'a thing in GraphQL',
    graphql(`{ user(id: "${uuids[0]}") { name } }`),
    graphql(`{ user(id: "${uuids[1]}") { name } }`),
  ],
  [
    'a task that is given to somebody',
    post('/assign', { assigneeId: uuids[0] }),
    post('/assign', { assigneeId: uuids[1] }),
  ],
  [
    'a device by its serial number',
    post('/dev', { serialNumber: 'SN8F3K2Q9Z7X' }),
    post('/dev', { serialNumber: 'SN1A2B3C4D5E' }),
  ],
  ['a post that is liked', post('/like', { postId: uuids[0] }), post('/like', { postId: uuids[1] })],
  ['a coupon', post('/cart', { coupon: 'X7K9Q2MB' }), post('/cart', { coupon: 'P3R8T5WZ' })],
  // dates in parts
  ['another day in parts', get('/a?year=2026&month=11&day=21'), get('/a?year=2026&month=11&day=22')],
  ['another month in parts', post('/a', { year: 2026, month: 11 }), post('/a', { year: 2026, month: 10 })],
  ['a month as number and as text', post('/a', { year: 2026, month: 11 }), post('/a', { year: '2026', month: '11' })],
  ['another day of the week', get('/a?day=saturday'), get('/a?day=monday')],
  ['another year', get('/a?year=2026'), get('/a?year=2025')],
  ['a year of long ago', get('/films?year=1994'), get('/films?year=1995')],
  // addresses
  [
    'another service on this machine',
    post('/a', { url: 'http://localhost:8080/' }),
    post('/a', { url: 'http://localhost:8081/' }),
  ],
  ['another host with a high port', get('/a?url=http://one.test:53121/'), get('/a?url=http://two.test:53121/')],
  ['another path of the client', get('/a?url=http://localhost:53121/a'), get('/a?url=http://localhost:53121/b')],
  // order
  ['the order of an array', post('/a', { path: ['a', 'b'] }), post('/a', { path: ['b', 'a'] })],
  ['the number of elements', post('/a', { list: [1, 1] }), post('/a', { list: [1] })],
  ['the order of repeated query keys', get('/a?sort=name&sort=age'), get('/a?sort=age&sort=name')],
  ['the order of XML elements', soap('<a>1</a><a>2</a>'), soap('<a>2</a><a>1</a>')],
  // users and tenants
  ['the user of a token', get('/me', bearer(jwt({ sub: 'ada' }))), get('/me', bearer(jwt({ sub: 'bob' })))],
  [
    'the role in a token',
    get('/me', bearer(jwt({ sub: 'a', role: 'admin' }))),
    get('/me', bearer(jwt({ sub: 'a', role: 'user' }))),
  ],
  ['the user of Basic', get('/me', basic('ada:pw')), get('/me', basic('bob:pw'))],
  ['no login', get('/me', bearer('token-of-ada')), get('/me')],
  ['a short API key', get('/me', ['X-Api-Key', 'k1']), get('/me', ['X-Api-Key', 'k2'])],
  ['the tenant in a header', get('/me', ['X-Tenant-Id', 'acme']), get('/me', ['X-Tenant-Id', 'umbrella'])],
  ['the organization in a header', get('/me', ['X-Org', '17']), get('/me', ['X-Org', '18'])],
  ['who is acted for', get('/me', ['X-Act-As', 'ada']), get('/me', ['X-Act-As', 'bob'])],
  ['the payee, by UUID', post('/pay', { payee: uuids[0] }), post('/pay', { payee: uuids[1] })],
  [
    'the recipient of a transfer',
    post('/transfer', { toAccount: uuids[0] }),
    post('/transfer', { toAccount: uuids[1] }),
  ],
  ['a tenant in the query, by UUID', get(`/a?tenant_id=${uuids[0]}`), get(`/a?tenant_id=${uuids[1]}`)],
  // things
  ['a file', get('/files/report.pdf'), get('/files/report2.pdf')],
  ['a thing that was there, by UUID', get(`/items/${uuids[0]}`), get(`/items/${uuids[1]}`)],
  ['a slash at the end', get('/a/b'), get('/a/b/')],
  ['a percent-encoded slash', get('/a/b%2Fc'), get('/a/b/c')],
  ['the case of a path', get('/Users/ada'), get('/users/ada')],
  ['a query key without a value', get('/a?debug'), get('/a?debug=0')],
  ['a further parameter', get('/a?q=tea'), get('/a?q=tea&lang=de')],
  ['a plus and a space', get('/a?q=a%2Bb'), get('/a?q=a+b')],
  ['the method', send('PUT', '/a', 'x'), send('PATCH', '/a', 'x')],
  ['the host', get('/a'), { url: 'http://shop2.test/a' }],
  ['the port', get('/a'), { url: 'http://shop.test:8080/a' }],
  ['the media type', typed('text/plain', 'a'), typed('text/csv', 'a')],
  ['a signed URL of another object', signed('bucket/a.jpg'), signed('bucket/b.jpg')],
  ['a signed URL of another bucket', signed('one/a.jpg'), signed('two/a.jpg')],
  ['a signed URL of another version', signed('b/a', '&versionId=1'), signed('b/a', '&versionId=2')],
  ['a signed URL of another key', signed('b/a'), signed('b/a', '', 'AKIATWO')],
  [
    'a signed URL for another disposition',
    signed('b/a', '&response-content-type=a%2Fb'),
    signed('b/a', '&response-content-type=c%2Fd'),
  ],
  // what only looks volatile
  [
    'a UUID made by hand',
    get('/t/00000000-0000-0000-0000-000000000001'),
    get('/t/00000000-0000-0000-0000-000000000002'),
  ],
  ['a phone number like an epoch', post('/a', { phone: '1795255200' }), post('/a', { phone: '1795255201' })],
  ['a birthday', post('/a', { birthday: '1984-05-06' }), post('/a', { birthday: '1984-05-07' })],
  ['an API version like a date', get('/a?api_version=2026-06-20'), get('/a?api_version=2026-09-01')],
  ['a card number', post('/pay', { card: '4111111111111111' }), post('/pay', { card: '5500005555555559' })],
  ['an IBAN', post('/pay', { iban: 'AT611904300234573201' }), post('/pay', { iban: 'DE89370400440532013000' })],
  ['an EAN', get('/a?ean=4006381333931'), get('/a?ean=4006381333948')],
  ['words with digits', get('/a?sku=iphone15pro'), get('/a?sku=iphone16pro')],
  ['a colour', get('/a?color=ff8800'), get('/a?color=ff8801')],
  ['a state that is no login’s', get('/orders?state=open'), get('/orders?state=closed')],
  ['a code that is no login’s', get('/coupons?code=SAVE10'), get('/coupons?code=SAVE20')],
  ['a day that is another day from now', get('/slots?day=2026-11-22'), get('/slots?day=2026-11-25')],
  ['a range of other length', get('/a?from=2026-11-14&to=2026-11-21'), get('/a?from=2026-10-21&to=2026-11-21')],
  // pages, parts, languages
  ['a page', get('/a?page=1'), get('/a?page=2')],
  ['a cursor', get('/a?cursor=MTA='), get('/a?cursor=MjA=')],
  [
    'a cursor of JSON',
    get(`/a?cursor=${encodeURIComponent('{"after":10}')}`),
    get(`/a?cursor=${encodeURIComponent('{"after":20}')}`),
  ],
  ['a language', get('/a', ['Accept-Language', 'de']), get('/a', ['Accept-Language', 'fr'])],
  ['a locale in the path', get('/de-AT/start'), get('/de-DE/start')],
  ['a currency', get('/a', ['X-Currency', 'EUR']), get('/a', ['X-Currency', 'USD'])],
  ['a media type wanted', get('/a', ['Accept', 'text/csv']), get('/a', ['Accept', 'application/pdf'])],
  // bodies of other kinds
  [
    'a GraphQL variable',
    graphql('query($id: ID) { item(id: $id) { name } }', { id: 1 }),
    graphql('query($id: ID) { item(id: $id) { name } }', { id: 2 }),
  ],
  ['a GraphQL argument', graphql('{ item(id: 1) { name } }'), graphql('{ item(id: 2) { name } }')],
  ['a GraphQL field', graphql('{ item { name } }'), graphql('{ item { price } }')],
  [
    'a GraphQL operation of several',
    graphql('query A { a } query B { b }', {}, 'A'),
    graphql('query A { a } query B { b }', {}, 'B'),
  ],
  [
    'a persisted GraphQL query',
    post('/g', { extensions: { persistedQuery: { sha256Hash: 'a'.repeat(60) + '1234' } } }),
    post('/g', { extensions: { persistedQuery: { sha256Hash: 'a'.repeat(60) + '1235' } } }),
  ],
  [
    'a JSON-RPC method',
    post('/rpc', { jsonrpc: '2.0', id: 1, method: 'get', params: [1] }),
    post('/rpc', { jsonrpc: '2.0', id: 1, method: 'list', params: [1] }),
  ],
  [
    'a JSON-RPC parameter',
    post('/rpc', { jsonrpc: '2.0', id: 1, method: 'get', params: [1] }),
    post('/rpc', { jsonrpc: '2.0', id: 1, method: 'get', params: [2] }),
  ],
  ['a gRPC text', grpc(text(1, 'tea'), varint(2, 1)), grpc(text(1, 'coffee'), varint(2, 1))],
  ['a gRPC number', grpc(text(1, 'tea'), varint(2, 1)), grpc(text(1, 'tea'), varint(2, 2))],
  ['the number of a gRPC field', grpc(text(1, 'tea')), grpc(text(2, 'tea'))],
  ['a protobuf submessage', proto(bytes(1, varint(1, 5))), proto(bytes(1, varint(1, 6)))],
  ['the order of a repeated protobuf field', proto(text(1, 'a'), text(1, 'b')), proto(text(1, 'b'), text(1, 'a'))],
  ['a SOAP value', soap('<Get><id>1</id></Get>'), soap('<Get><id>2</id></Get>')],
  ['a SOAP operation', soap('<Get><id>1</id></Get>'), soap('<Delete><id>1</id></Delete>')],
  ['an XML attribute', soap('<Get id="1"/>'), soap('<Get id="2"/>')],
  [
    'two random ids that changed their places',
    post('/e', { left: uuids[0], right: uuids[1] }),
    post('/e', { left: uuids[1], right: uuids[0] }),
  ],
  ['a multipart field', multipart([['name="a"', '1']]), multipart([['name="a"', '2']])],
  ['the name of a multipart field', multipart([['name="a"', '1']]), multipart([['name="b"', '1']])],
  [
    'the content of a file',
    multipart([['name="f"; filename="a.txt"', 'one', 'text/plain']]),
    multipart([['name="f"; filename="a.txt"', 'two', 'text/plain']]),
  ],
  [
    'the name of a file',
    multipart([['name="f"; filename="a.txt"', 'x', 'text/plain']]),
    multipart([['name="f"; filename="b.txt"', 'x', 'text/plain']]),
  ],
  [
    'bytes',
    typed('application/octet-stream', Buffer.from([1, 2, 255])),
    typed('application/octet-stream', Buffer.from([1, 2, 254])),
  ],
  [
    'a line of a batch',
    typed('application/x-ndjson', '{"a":1}\n{"a":2}\n'),
    typed('application/x-ndjson', '{"a":1}\n{"a":3}\n'),
  ],
  ['plain text', typed('text/plain', 'hello world'), typed('text/plain', 'hello  world')],
  [
    'a SOAPAction',
    { ...soap('<x/>'), headers: ['SOAPAction', 'urn:a'] },
    { ...soap('<x/>'), headers: ['SOAPAction', 'urn:b'] },
  ],
  [
    'the operation of an AWS API',
    typed('application/x-amz-json-1.0', '{}', ['X-Amz-Target', 'D.GetItem']),
    typed('application/x-amz-json-1.0', '{}', ['X-Amz-Target', 'D.PutItem']),
  ],
  ['JSON within a text', post('/a', { q: '{"id":1}' }), post('/a', { q: '{"id":2}' })],
  // what looks random, and names a thing
  [
    'a persisted query by its real hash',
    post('/g', { extensions: { persistedQuery: { sha256Hash: hashes[0] } } }),
    post('/g', { extensions: { persistedQuery: { sha256Hash: hashes[1] } } }),
  ],
  [
    'a persisted query in the query',
    get(`/g?extensions=${encodeURIComponent(`{"persistedQuery":{"sha256Hash":"${hashes[0]}"}}`)}`),
    get(`/g?extensions=${encodeURIComponent(`{"persistedQuery":{"sha256Hash":"${hashes[1]}"}}`)}`),
  ],
  [
    'the hash of a file',
    post('/files', { name: 'a', sha256: hashes[0] }),
    post('/files', { name: 'a', sha256: hashes[1] }),
  ],
  ['a blob by its hash', get(`/blobs/sha256:${hashes[0]}`), get(`/blobs/sha256:${hashes[1]}`)],
  ['a long cursor', get('/a?cursor=eyJhZnRlciI6MTAwMDAwMX0a8Xk2'), get('/a?cursor=eyJhZnRlciI6MjAwMDAwMX0b9Yz3')],
  ['a page token', get('/a?pageToken=CAUQAA8x7Kq2mN4pR6sT'), get('/a?pageToken=CAoQAB9y8Lr3nO5qS7tU')],
  [
    'a continuation in a body',
    post('/search', { q: 'tea', continuationToken: 'CAUQAA8x7Kq2mN4pR6sT' }),
    post('/search', { q: 'tea', continuationToken: 'CAoQAB9y8Lr3nO5qS7tU' }),
  ],
  [
    'the ETag of what the client has',
    send('PUT', '/a', 'x', ['If-Match', '"5f1d7e2a9c3b4d6e"']),
    send('PUT', '/a', 'x', ['If-Match', '"8a2c4e6f1b3d5a7c"']),
  ],
  ['the file that is shared', get('/share?file_id=1a2B3c4D5e6F7g8H9i0J'), get('/share?file_id=9z8Y7x6W5v4U3t2S1r0Q')],
  [
    'the commit that is asked for',
    get('/compare?base=5f1d7e2a9c3b4d6e8f7a6b5c4d3e2f1a0b9c8d7e&head=main'),
    get('/compare?base=0a1b2c3d4e5f60718293a4b5c6d7e8f901234567&head=main'),
  ],
  ['a cookie of a login', get('/me', ['Cookie', 'session=ada']), get('/me', ['Cookie', 'session=bob'])],
];

/** Of what is compared by its distance from now, the same a month later. */
const iso = (days: number, later = 0): string => new Date(recordedAt + days * 24 * hour + later).toISOString();
const month = 30 * 24 * hour;

const same: [...Pair, laterMs?: number][] = [
  ['the order of query keys', get('/a?x=1&y=2'), get('/a?y=2&x=1')],
  ['the order of form fields', typed(form[1] as string, 'x=1&y=2'), typed(form[1] as string, 'y=2&x=1')],
  ['percent-encodings of letters', get('/a?q=tea'), get('/a?q=%74ea')],
  ['a space in a query', get('/a?q=a+b'), get('/a?q=a%20b')],
  ['percent-encodings in a path', get('/caf%c3%a9/~a'), get('/caf%C3%A9/%7Ea')],
  ['the layout of JSON', post('/a', '{"a":1,"b":[1,2]}'), post('/a', '{ "b" : [ 1, 2 ],\n "a": 1.0 }')],
  ['escapes in JSON', post('/a', '{"a":"é/"}'), post('/a', '{"a":"\\u00e9\\/"}')],
  ['the spelling of a number', post('/a', '{"a":1500}'), post('/a', '{"a":1.5e3}')],
  ['a charset', typed('application/json', '{}'), typed('application/json; charset=utf-8', '{}')],
  ['the case of a header’s name', get('/a', ['X-Tenant', 'a']), get('/a', ['x-tenant', 'a'])],
  [
    'headers of the connection',
    get('/a', ['Connection', 'close']),
    get('/a', ['Connection', 'keep-alive', 'TE', 'trailers']),
  ],
  ['another agent', get('/a', ['User-Agent', 'app/1']), get('/a', ['User-Agent', 'app/2'])],
  [
    'a trace (W3C)',
    get('/a', ['traceparent', `00-${'a1b2c3d4'.repeat(4)}-${'b7ad6b71'.repeat(2)}-01`]),
    get('/a', ['traceparent', `00-${'d4c3b2a1'.repeat(4)}-${'c7ad6b71'.repeat(2)}-00`]),
  ],
  [
    'a trace (B3, Datadog, SkyWalking)',
    get('/a', ['b3', '1-2', 'x-datadog-trace-id', '17', 'sw8', '1-a']),
    get('/a', ['b3', '3-4', 'x-datadog-trace-id', '18', 'sw8', '1-b']),
  ],
  ['a trace that is missing', get('/a', ['x-request-id', 'r-1']), get('/a')],
  ['a cache buster', get('/a?_=1795255200000'), get('/a?_=1795258800000')],
  ['a cache buster that is missing', get('/a?q=1&cb=x17'), get('/a?q=1')],
  [
    'a time in JSON in base64',
    get(`/a?filter=${base64url({ from: '2026-11-21', n: 1 })}`),
    get(`/a?filter=${base64url({ from: '2027-01-05', n: 1 })}`),
    inJanuary,
  ],
  [
    'random bytes in base64',
    post('/a', { key: '8OekDLujnSEbeVQsqNBOvw==' }),
    post('/a', { key: 'u3NmE/OtOcUBPtW4JdZTdA==' }),
  ],
  [
    'a random word in base64',
    post('/a', { key: base64('5f1d7e2a9c3b4d6e') }),
    post('/a', { key: base64('0b5f5f0e6c2f4f7e') }),
  ],
  ['a date in parts', get('/a?year=2026&month=11&day=21'), get('/a?year=2027&month=1&day=5'), inJanuary],
  [
    'a date in parts, tomorrow',
    typed(form[1] as string, 'd_year=2026&d_month=11&d_day=22'),
    typed(form[1] as string, 'd_year=2027&d_month=01&d_day=06'),
    inJanuary,
  ],
  ['a month in parts', post('/a', { year: 2026, month: 11 }), post('/a', { year: 2027, month: 1 }), inJanuary],
  ['the day of the week', get('/a?weekday=Saturday'), get('/a?weekday=Tuesday'), inJanuary],
  ['this year', get('/a?year=2026'), get('/a?year=2027'), inJanuary],
  ['the same year again', get('/a?year=2026'), get('/a?year=2026'), inJanuary],
  ['a run by its time', get('/a?run=run-20261121-100000'), get('/a?run=run-20270105-100000'), inJanuary],
  [
    'a new address by the time',
    post('/users', { email: 'qa+1795255200@x.test' }),
    post('/users', { email: 'qa+1799143200@x.test' }),
    inJanuary,
  ],
  [
    'where the client listens',
    post('/hooks', { url: 'http://127.0.0.1:40123/e' }),
    post('/hooks', { url: 'http://127.0.0.1:59999/e' }),
  ],
  ['a random fraction', get('/a?r=0.8444218515250481'), get('/a?r=0.1375436182735522')],
  ['a UUID that the client made', post('/orders', { id: uuids[0] }), post('/orders', { id: uuids[1] })],
  [
    'an idempotency key',
    post('/pay', { n: 1 }, ['Idempotency-Key', uuids[0]]),
    post('/pay', { n: 1 }, ['Idempotency-Key', uuids[1]]),
  ],
  ['a ULID', post('/e', { id: '01HF7YAT31JZECXQ4Z5N3Y9W8K' }), post('/e', { id: '01JD9K2M4P6R8T0V2X4Z6B8D0F' })],
  ['a nonce', get('/a?nonce=a1'), get('/a?nonce=b2')],
  [
    'PKCE',
    get('/authorize?code_challenge=abc&state=x1&client_id=web'),
    get('/authorize?code_challenge=def&state=y2&client_id=web'),
  ],
  ['a signature', get('/a?q=1&sig=abc'), get('/a?q=1&sig=def')],
  ['a signature in a header', get('/a', ['X-Signature', 'abc']), get('/a', ['X-Signature', 'def'])],
  ['a signed URL, signed again', signed('b/a'), signed('b/a', '', 'AKIAONE', 'cd34')],
  ['another boundary', multipart([['name="a"', '1']], 'xx1'), multipart([['name="a"', '1']], 'yy2')],
  [
    'the order of parts',
    multipart([
      ['name="a"', '1'],
      ['name="b"', '2'],
    ]),
    multipart([
      ['name="b"', '2'],
      ['name="a"', '1'],
    ]),
  ],
  [
    'a generated file name',
    multipart([['name="f"; filename="IMG_3fa85f64.jpg"', 'x', 'image/jpeg']]),
    multipart([['name="f"; filename="IMG_9c2e71b5.jpg"', 'x', 'image/jpeg']]),
  ],
  [
    'the layout of GraphQL',
    graphql('query Q($id: ID) { item(id: $id) { name } }', { id: 1 }),
    graphql('query Q(\n $id : ID,\n) {\n  item(id: $id) { name } # x\n}', { id: 1 }),
  ],
  [
    'a clientMutationId',
    graphql('mutation { a }', { input: { clientMutationId: '1', n: 2 } }),
    graphql('mutation { a }', { input: { clientMutationId: '2', n: 2 } }),
  ],
  [
    'the id of a JSON-RPC call',
    post('/rpc', { jsonrpc: '2.0', id: 1, method: 'get' }),
    post('/rpc', { jsonrpc: '2.0', id: 9, method: 'get' }),
  ],
  ['the order of protobuf fields', proto(text(1, 'a'), varint(2, 5)), proto(varint(2, 5), text(1, 'a'))],
  ['a UUID in gRPC', grpc(text(1, uuids[0]), text(2, 'tea')), grpc(text(1, uuids[1]), text(2, 'tea'))],
  [
    'prefixes of XML',
    soap('<a:Get xmlns:a="urn:x"><a:id>1</a:id></a:Get>'),
    soap('<b:Get xmlns:b="urn:x">\n <b:id>1</b:id></b:Get>'),
  ],
  ['comments and layout of XML', soap('<Get a="1" b="2"/>'), soap("<!-- x -->\n<Get b='2'  a='1'></Get>")],
  ['a visitor’s cookie', get('/a', ['Cookie', '_ga=GA1.2.3']), get('/a', ['Cookie', '_ga=GA9.8.7; _gid=1'])],
  ['the order of cookies', get('/a', ['Cookie', 'a=1; b=2']), get('/a', ['Cookie', 'b=2; a=1'])],
  ['a wider Accept', get('/a', ['Accept', 'application/json']), get('/a', ['Accept', 'application/json, */*'])],
  [
    'less wanted languages',
    get('/a', ['Accept-Language', 'de,en;q=0.5']),
    get('/a', ['Accept-Language', 'de, fr;q=0.3']),
  ],
  ['another coding', get('/a', ['Accept-Encoding', 'gzip']), get('/a', ['Accept-Encoding', 'br, zstd'])],
  [
    'a token of the same user, issued later',
    get('/me', bearer(jwt({ sub: 'ada', iat: 1795255200, exp: 1795258800 }))),
    get('/me', bearer(jwt({ sub: 'ada', iat: 1797847200, exp: 1797850800 }, 'YW5vdGhlci1zaWduYXR1cmU'))),
    month,
  ],
  ['now, in ISO 8601', post('/e', { at: iso(0) }), post('/e', { at: iso(0, month) }), month],
  ['now, in seconds', get('/a?ts=1795255200'), get(`/a?ts=${1795255200 + month / 1000}`), month],
  ['now, in milliseconds', get('/a?t=1795255200123'), get(`/a?t=${1795255200123 + month}`), month],
  ['now, in a path', get('/log/1795255200123'), get(`/log/${1795255200123 + month}`), month],
  ['today', get('/slots?day=2026-11-21'), get('/slots?day=2026-12-21'), month],
  ['tomorrow', get('/slots?day=2026-11-22'), get('/slots?day=2026-12-22'), month],
  ['in a week', post('/book', { on: '2026-11-28' }), post('/book', { on: '2026-12-28' }), month],
  ['today in a path', get('/weather/2026/11/21'), get('/weather/2026/12/21'), month],
  ['today as people write it', get('/a?d=11%2F21%2F2026'), get('/a?d=12%2F21%2F2026'), month],
  ['today in eight digits', get('/a?date=20261121'), get('/a?date=20261221'), month],
  ['the last seven days', get('/a?from=2026-11-14&to=2026-11-21'), get('/a?from=2026-12-14&to=2026-12-21'), month],
  [
    'an HTTP date',
    get('/a', ['X-Sent', 'Sat, 21 Nov 2026 10:00:00 GMT']),
    get('/a', ['X-Sent', 'Mon, 21 Dec 2026 10:00:00 GMT']),
    month,
  ],
  [
    'a SigV4 header',
    get('/b', [
      'Authorization',
      'AWS4-HMAC-SHA256 Credential=AK/20261121/eu/s3/aws4_request, SignedHeaders=host, Signature=ab',
    ]),
    get('/b', [
      'Authorization',
      'AWS4-HMAC-SHA256 Credential=AK/20261221/eu/s3/aws4_request,SignedHeaders=host,Signature=cd',
    ]),
    month,
  ],
  [
    'a Timestamp in protobuf',
    proto(text(1, 'x'), bytes(2, varint(1, 1795255200))),
    proto(text(1, 'x'), bytes(2, varint(1, 1795255200 + month / 1000))),
    month,
  ],
  ['a snowflake', post('/m', { messageId: '2124098853120613805' }), post('/m', { messageId: '2124098853199913805' })],
  [
    'a generated address',
    post('/register', { email: 'user-ab12cd34@x.test' }),
    post('/register', { email: 'user-9f8e7d6c@x.test' }),
  ],
  ['a device id', get(`/a?device_id=${uuids[0]}`), get(`/a?device_id=${uuids[1]}`)],
  ['an upload key', send('PUT', `/uploads/${uuids[0]}.png`, 'x'), send('PUT', `/uploads/${uuids[1]}.png`, 'x')],
  ['JSON within a text, laid out anew', post('/a', { q: '{"id":1,"b":2}' }), post('/a', { q: '{ "b": 2, "id": 1 }' })],
  [
    'a digest of what is volatile itself',
    post('/a', { id: uuids[0], checksum: hashes[0] }),
    post('/a', { id: uuids[1], checksum: hashes[1] }),
  ],
  ['the version of a file that is built anew', get('/main.js?v=9e8d7c6b'), get('/main.js?v=3fa85f64')],
  [
    'the version of the app',
    get('/a?app_version=5.1', ['X-App-Version', '5.1']),
    get('/a?app_version=5.2', ['X-App-Version', '5.2']),
  ],
  [
    'the app’s build in a body',
    post('/a', { appVersion: '5.1.0', build: '51020', version: '5.1.0' }),
    post('/a', { appVersion: '5.2.0', build: '52001', version: '5.2.0' }),
  ],
];

/** What happens to `asked` when only `recorded` is in the recording. */
async function status(recorded: Incoming, incoming: Incoming, laterMs = hour): Promise<number> {
  const appVersions = { info: { appVersion: '5.1.0' }, appVersion: '5.2.0', newFields: 'miss' as const };
  const replay = new Replay([{ ...recorded, answer: { right: true } }], { now: recordedAt + laterMs, ...appVersions });
  const { notes, status: answered } = await replay.ask(incoming);
  return notes.miss === undefined ? answered : 502; // gRPC tells a miss by its own status
}

describe('a request that differs in meaning is a miss', () => {
  test.each(twins)('%s', async (_, recorded, incoming) => {
    expect(await status(recorded, recorded, 0)).toBe(200);
    expect([await status(recorded, incoming, 0), await status(incoming, recorded, 0)]).toEqual([502, 502]);
  });

  test('and where both were recorded, each gets its own answer, in any order', async () => {
    for (const [what, first, second] of twins) {
      const exchanges = [
        { ...first, answer: 'first' },
        { ...second, answer: 'second' },
      ];
      const texts = await new Replay(exchanges).texts(second, first, second, first).catch((error: unknown) => [error]);
      expect([what, texts.slice(0, 2)]).toEqual([what, ['second', 'first']]);
    }
  });
});

describe('a request that differs in nothing but what means nothing gets its answer', () => {
  test.each(same)('%s', async (_, recorded, incoming, laterMs = hour) => {
    expect(await status(recorded, incoming, laterMs)).toBe(200);
  });
});

test('a random thing that is not there may be another one', async () => {
  const replay = new Replay([{ ...send('DELETE', `/users/${uuids[0]}`), status: 404 }]);
  expect((await replay.ask(send('DELETE', `/users/${uuids[1]}`))).status).toBe(404);
});

test('another part of a thing is a miss where only one was recorded', async () => {
  const part = (range: string): Incoming => get('/v', ['Range', range]);
  const replay = new Replay([{ ...part('bytes=0-9'), status: 206, answer: '0123456789' }]);
  expect((await replay.ask(part('bytes=10-19'))).status).toBe(502);
  expect((await replay.ask(part('bytes=0-9'))).text).toBe('0123456789');
});

test('there are enough of both', () => {
  expect([twins.length >= 60, same.length >= 60]).toEqual([true, true]);
});
