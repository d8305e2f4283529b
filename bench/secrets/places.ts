import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { NameForm } from './names.js';
import { answers, sends, type Planted } from './planted.js';

/** A place where a name stands beside a value. */
export interface NamedPlace {
  name: string;
  form: NameForm;
  /** Holds plain characters only, in names and values. */
  plain?: true;
  plant: (name: string, value: string) => Planted;
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const encoded = encodeURIComponent;
const quoted = (text: string): string => JSON.stringify(text);
const xml = (text: string): string => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
const element = (name: string): string =>
  /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(name) ? name : name.replace(/[^\p{L}\p{N}_]/gu, '_');
const grpcFrame = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};
/** A field of protobuf that is a text. */
const field = (number: number, text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
};
const parts = (name: string, value: string, file: Buffer | undefined): Buffer =>
  Buffer.concat([
    ...(file === undefined
      ? []
      : [
          Buffer.from(
            '--edge\r\nContent-Disposition: form-data; name="avatar"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n',
          ),
          file,
          Buffer.from('\r\n'),
        ]),
    Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    Buffer.from('--edge\r\nContent-Disposition: form-data; name="page"\r\n\r\n2\r\n--edge--\r\n'),
  ]);
const multipart = 'multipart/form-data; boundary=edge';
const binary = Buffer.from('89504e470d0a1a0a00fffe8081c3280a00010203', 'hex');
const deep = (name: string, value: unknown): string =>
  JSON.stringify({ data: { items: [{ id: 7, config: { [name]: value, enabled: true } }], page: 1 } });
const escaped = (text: string): string =>
  Array.from(quoted(text).slice(1, -1), (one, i) =>
    i % 3 === 0 && /[\w]/.test(one) && quoted(text)[i] !== '\\'
      ? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`
      : one,
  ).join('');
const plural = (name: string): string =>
  !/[a-rt-z]$/i.test(name) ? name : `${name}${/[A-Z]$/.test(name) ? 'S' : 's'}`;
const line = (text: string): string => text.replace(/[\s"']/g, '_');

const header = (name: string, at: 'request' | 'answer'): Omit<NamedPlace, 'plant'> & Pick<NamedPlace, 'plant'> => ({
  ...{ name, form: 'header', plain: true },
  plant: (said, value) => (at === 'request' ? { headers: [said, value] } : { answer: { headers: [said, value] } }),
});

export const namedPlaces: readonly NamedPlace[] = [
  header('request header', 'request'),
  header('response header', 'answer'),
  {
    ...{ name: 'cookie', form: 'header', plain: true },
    plant: (name, value) => ({ headers: ['Cookie', `theme=dark; ${name}=${value}; lang=de`] }),
  },
  {
    ...{ name: 'set-cookie', form: 'header', plain: true },
    plant: (name, value) => ({ answer: { headers: ['Set-Cookie', `${name}=${value}; Path=/; Secure`] } }),
  },
  {
    ...{ name: 'JSON in a cookie', form: 'field' },
    plant: (name, value) => ({ headers: ['Cookie', `state=${encoded(JSON.stringify({ a: 1, [name]: value }))}; b=2`] }),
  },
  {
    ...{ name: 'trailer', form: 'header', plain: true },
    plant: (name, value) => ({
      answer: { headers: ['Content-Type', 'text/plain'], body: 'ok', trailers: [name, value] },
    }),
  },
  {
    ...{ name: 'early answer', form: 'header', plain: true },
    plant: (name, value) => ({ answer: { early: [name, value] } }),
  },
  {
    ...{ name: 'query', form: 'parameter' },
    plant: (name, value) => ({ target: `?page=2&${encoded(name)}=${encoded(value)}&sort=asc` }),
  },
  {
    ...{ name: 'JSON in a query', form: 'field' },
    plant: (name, value) => ({ target: `?filter=${encoded(JSON.stringify({ [name]: value }))}` }),
  },
  {
    ...{ name: 'query of a URL in a query', form: 'parameter' },
    plant: (name, value) => ({
      target: `?next=${encoded(`https://shop.example/cb?x=1&${encoded(name)}=${encoded(value)}`)}`,
    }),
  },
  {
    ...{ name: 'matrix parameter', form: 'identifier', plain: true },
    plant: (name, value) => ({ target: `/orders;${name}=${encoded(value)}/lines` }),
  },
  {
    ...{ name: 'fragment of a Location', form: 'parameter' },
    plant: (name, value) => ({
      answer: { status: 302, headers: ['Location', `https://app.example/cb#${encoded(name)}=${encoded(value)}&x=1`] },
    }),
  },
  {
    ...{ name: 'query of a Referer', form: 'parameter' },
    plant: (name, value) => ({ headers: ['Referer', `https://app.example/p?${encoded(name)}=${encoded(value)}`] }),
  },
  {
    ...{ name: 'query of a Link header', form: 'parameter' },
    plant: (name, value) => ({
      answer: { headers: ['Link', `<https://api.example/x?${encoded(name)}=${encoded(value)}&page=2>; rel="next"`] },
    }),
  },
  {
    ...{ name: 'form', form: 'parameter' },
    plant: (name, value) => sends(form, new URLSearchParams({ a: '1', [name]: value }).toString()),
  },
  {
    ...{ name: 'form in an answer', form: 'parameter' },
    plant: (name, value) => answers(form, `${encoded(name)}=${encoded(value)}&expires=3600`),
  },
  {
    ...{ name: 'multipart', form: 'parameter' },
    plant: (name, value) => sends(multipart, parts(name, value, undefined)),
  },
  {
    ...{ name: 'multipart beside bytes', form: 'parameter' },
    plant: (name, value) => sends(multipart, parts(name, value, binary)),
  },
  {
    ...{ name: 'JSON part of multipart', form: 'field' },
    plant: (name, value) =>
      sends(
        multipart,
        `--edge\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify({ [name]: value })}\r\n--edge--\r\n`,
      ),
  },
  {
    ...{ name: 'batch of requests', form: 'identifier', plain: true },
    plant: (name, value) =>
      sends(
        'multipart/mixed; boundary=edge',
        `--edge\r\nContent-Type: application/http\r\n\r\nPOST /a?${name}=${encoded(value)} HTTP/1.1\r\nAccept: */*\r\n\r\n\r\n--edge--\r\n`,
      ),
  },
  { ...{ name: 'JSON', form: 'key' }, plant: (name, value) => sends(json, deep(name, value)) },
  { ...{ name: 'JSON in an answer', form: 'key' }, plant: (name, value) => answers(json, deep(name, value)) },
  {
    ...{ name: 'indented JSON', form: 'key' },
    plant: (name, value) => answers(json, JSON.stringify({ [name]: value, more: { a: [1, 2] } }, null, 2)),
  },
  {
    ...{ name: 'list in JSON', form: 'field' },
    plant: (name, value) => answers(json, JSON.stringify({ [plural(name)]: [value, `${value}Q7`] })),
  },
  {
    ...{ name: 'object in JSON', form: 'field' },
    plant: (name, value) => answers(json, JSON.stringify({ [name]: { value, kind: 'opaque' } })),
  },
  {
    ...{ name: 'name and value in JSON', form: 'field' },
    plant: (name, value) =>
      answers(
        json,
        JSON.stringify({
          env: [
            { name, value },
            { name: 'LANG', value: 'de' },
          ],
        }),
      ),
  },
  {
    ...{ name: 'value and name in JSON', form: 'field' },
    plant: (name, value) => answers(json, JSON.stringify({ env: [{ value, key: name }] })),
  },
  {
    ...{ name: 'JSON in a string', form: 'field' },
    plant: (name, value) => answers(json, JSON.stringify({ body: JSON.stringify({ [name]: value, n: 1 }) })),
  },
  {
    ...{ name: 'JSON in JSON in a string', form: 'field' },
    plant: (name, value) =>
      answers(
        json,
        JSON.stringify({ Records: [{ body: JSON.stringify({ Message: JSON.stringify({ [name]: value }) }) }] }),
      ),
  },
  {
    ...{ name: 'JSON with escapes', form: 'field' },
    plant: (name, value) => answers(json, `{"a":1,"${escaped(name)}":"${escaped(value)}"}`),
  },
  {
    ...{ name: 'JSON patch', form: 'identifier' },
    plant: (name, value) =>
      sends('application/json-patch+json', JSON.stringify([{ op: 'replace', path: `/user/${name}`, value }])),
  },
  {
    ...{ name: 'JSON without a type', form: 'field' },
    plant: (name, value) => ({ method: 'POST', body: JSON.stringify({ [name]: value }) }),
  },
  {
    ...{ name: 'JSON as octets', form: 'field' },
    plant: (name, value) => sends('application/octet-stream', JSON.stringify({ [name]: value, size: 2 })),
  },
  {
    ...{ name: 'JSON in UTF-16', form: 'field' },
    plant: (name, value) =>
      answers('application/json; charset=utf-16le', Buffer.from(JSON.stringify({ [name]: value }), 'utf16le')),
  },
  {
    ...{ name: 'JSON in Latin-1', form: 'identifier', plain: true },
    plant: (name, value) =>
      answers('application/json; charset=iso-8859-1', Buffer.from(`{"city":"Köln","${name}":"${value}"}`, 'latin1')),
  },
  {
    ...{ name: 'JSON in gzip', form: 'field' },
    plant: (name, value) => answers(json, gzipSync(deep(name, value)), ['Content-Encoding', 'gzip']),
  },
  {
    ...{ name: 'JSON in Brotli', form: 'field' },
    plant: (name, value) => answers(json, brotliCompressSync(deep(name, value)), ['Content-Encoding', 'br']),
  },
  {
    ...{ name: 'JSON in deflate, sent', form: 'field' },
    plant: (name, value) => sends(json, deflateSync(deep(name, value)), ['Content-Encoding', 'deflate']),
  },
  {
    ...{ name: 'JSON in a gzip file', form: 'field' },
    plant: (name, value) => sends('application/gzip', gzipSync(`${JSON.stringify({ [name]: value })}\n`)),
  },
  {
    ...{ name: 'JSON in Base64 in JSON', form: 'field' },
    plant: (name, value) =>
      answers(
        json,
        JSON.stringify({ payload: Buffer.from(JSON.stringify({ id: 1, [name]: value })).toString('base64') }),
      ),
  },
  {
    ...{ name: 'JSON in Base64 in a query', form: 'field' },
    plant: (name, value) => ({
      target: `?state=${Buffer.from(JSON.stringify({ id: 1, [name]: value })).toString('base64url')}`,
    }),
  },
  {
    ...{ name: 'lines of JSON', form: 'field' },
    plant: (name, value) => answers('application/x-ndjson', `{"a":1}\n${JSON.stringify({ [name]: value })}\n{"b":2}\n`),
  },
  {
    ...{ name: 'server-sent event', form: 'field' },
    plant: (name, value) =>
      answers('text/event-stream', `event: note\ndata: ${JSON.stringify({ [name]: value })}\n\ndata: {"n":2}\n\n`),
  },
  {
    ...{ name: 'JSONP', form: 'field' },
    plant: (name, value) => answers('application/javascript', `cb(${JSON.stringify({ [name]: value })});`),
  },
  {
    ...{ name: 'variables of GraphQL', form: 'identifier' },
    plant: (name, value) =>
      sends(
        json,
        JSON.stringify({
          query: 'mutation A($input: I!) { a(input: $input) { id } }',
          variables: { input: { [name]: value } },
        }),
      ),
  },
  {
    ...{ name: 'literal of GraphQL', form: 'identifier' },
    plant: (name, value) => sends(json, JSON.stringify({ query: `mutation { a(${name}: ${quoted(value)}) { id } }` })),
  },
  {
    ...{ name: 'document of GraphQL', form: 'identifier' },
    plant: (name, value) => sends('application/graphql', `mutation {\n  a(${name}: ${quoted(value)}, n: 1) { id }\n}`),
  },
  {
    ...{ name: 'element', form: 'identifier' },
    plant: (name, value) =>
      answers('application/xml', `<?xml version="1.0"?><a><b><${name}>${xml(value)}</${name}></b></a>`),
  },
  {
    ...{ name: 'element of SOAP', form: 'identifier' },
    plant: (name, value) =>
      sends(
        'text/xml',
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><w:${name} Type="x">${xml(value)}</w:${name}></s:Body></s:Envelope>`,
      ),
  },
  {
    ...{ name: 'CDATA', form: 'identifier', plain: true },
    plant: (name, value) => sends('text/xml', `<a><${name}><![CDATA[${value}]]></${name}></a>`),
  },
  {
    ...{ name: 'attribute', form: 'identifier' },
    plant: (name, value) =>
      answers('application/xml', `<config><db host="h" ${name}="${xml(value)}" port="1"/></config>`),
  },
  {
    ...{ name: 'setting in XML', form: 'key' },
    plant: (name, value) =>
      answers('text/xml', `<appSettings><add key="${name}" value="${xml(value)}"/></appSettings>`),
  },
  {
    ...{ name: 'member of XML-RPC', form: 'identifier' },
    plant: (name, value) =>
      sends(
        'text/xml',
        `<struct><member><name>${name}</name><value><string>${xml(value)}</string></value></member></struct>`,
      ),
  },
  {
    ...{ name: 'property list', form: 'identifier' },
    plant: (name, value) => answers('application/xml', `<dict><key>${name}</key><string>${xml(value)}</string></dict>`),
  },
  {
    ...{ name: 'hidden field of a page', form: 'parameter' },
    plant: (name, value) =>
      answers('text/html', `<form><input type="hidden" name="${name}" value="${xml(value)}"><input name="q"></form>`),
  },
  {
    ...{ name: 'meta of a page', form: 'field' },
    plant: (name, value) =>
      answers('text/html', `<head><meta content="${xml(value)}" name="${name}"><title>A</title></head>`),
  },
  {
    ...{ name: 'data attribute of a page', form: 'field', plain: true },
    plant: (name, value) => answers('text/html', `<div data-${element(name)}="${value}" class="a">x</div>`),
  },
  {
    ...{ name: 'state in a script of a page', form: 'field' },
    plant: (name, value) =>
      answers('text/html', `<script>window.__STATE__ = ${JSON.stringify({ user: { [name]: value } })};</script>`),
  },
  {
    ...{ name: 'object in a script', form: 'identifier', plain: true },
    plant: (name, value) => answers('application/javascript', `const config = { ${name}: '${value}', retries: 3 };`),
  },
  {
    ...{ name: 'assignment in a script', form: 'identifier', plain: true },
    plant: (name, value) => answers('application/javascript', `var ${name} = "${value}";\nrun();`),
  },
  {
    ...{ name: 'page of an error', form: 'identifier', plain: true },
    plant: (name, value) =>
      answers('text/html', `<h1>Error</h1><pre>KeyError at /login\n  ${name} = '${value}'\n  page = 2\n</pre>`),
  },
  {
    ...{ name: 'table of a page', form: 'identifier' },
    plant: (name, value) =>
      answers(
        'text/html',
        `<table><tr><td>${name}</td><td>${xml(value)}</td></tr><tr><td>page</td><td>2</td></tr></table>`,
      ),
  },
  {
    ...{ name: 'description list of a page', form: 'identifier' },
    plant: (name, value) => answers('text/html', `<dl><dt>${name}</dt><dd>${xml(value)}</dd></dl>`),
  },
  {
    ...{ name: 'log', form: 'identifier', plain: true },
    plant: (name, value) => answers('text/plain', `2026-11-21 06:00:00 WARN retry ${name}=${value}, attempt=2\n`),
  },
  {
    ...{ name: 'quoted log', form: 'identifier' },
    plant: (name, value) => answers('text/plain', `level=warn ${name}=${quoted(line(value))} attempt=2\n`),
  },
  {
    ...{ name: 'command in a text', form: 'header', plain: true },
    plant: (name, value) => answers('text/plain', `$ curl -H '${name}: ${value}' https://api.example/x\n`),
  },
  {
    ...{ name: 'option in a text', form: 'identifier', plain: true },
    plant: (name, value) => answers('text/plain', `$ deploy --region eu --${name}=${value} --force\n`),
  },
  {
    ...{ name: 'YAML', form: 'identifier', plain: true },
    plant: (name, value) => answers('application/yaml', `db:\n  host: h\n  ${name}: ${value}\n  port: 1\n`),
  },
  {
    ...{ name: 'quoted YAML', form: 'identifier', plain: true },
    plant: (name, value) => answers('text/yaml', `db:\n  - name: a\n    ${name}: "${value}"\n`),
  },
  {
    ...{ name: 'settings of an environment', form: 'identifier', plain: true },
    plant: (name, value) => answers('text/plain', `# env\nLANG=de\nexport ${name}=${value}\nPORT=1\n`),
  },
  {
    ...{ name: 'settings with apostrophes', form: 'identifier', plain: true },
    plant: (name, value) => answers('text/plain', `[db]\nhost = 'h'\n${name} = '${value}'\n`),
  },
  {
    ...{ name: 'properties', form: 'field', plain: true },
    plant: (name, value) => answers('text/plain', `spring.host=h\nspring.${name.replaceAll(' ', '')}=${value}\n`),
  },
  {
    ...{ name: 'column of CSV', form: 'identifier', plain: true },
    plant: (name, value) => answers('text/csv', `id,${name},city\n1,${value},Bonn\n2,${value}Z8,Ulm\n`),
  },
  {
    ...{ name: 'quoted column of CSV', form: 'identifier' },
    plant: (name, value) => answers('text/csv', `"id";"${name}"\r\n"1";"${value.replaceAll('"', '""')}"\r\n`),
  },
  {
    ...{ name: 'text in protobuf', form: 'identifier', plain: true },
    plant: (name, value) =>
      sends(
        'application/x-protobuf',
        Buffer.concat([field(1, 'a'), field(2, JSON.stringify({ [name]: value })), field(3, 'z')]),
      ),
  },
  {
    ...{ name: 'map in gRPC', form: 'identifier', plain: true },
    plant: (name, value) =>
      sends('application/grpc', grpcFrame(field(4, Buffer.concat([field(1, name), field(2, value)]))), [
        'TE',
        'trailers',
      ]),
  },
  {
    ...{ name: 'metadata of gRPC', form: 'header', plain: true },
    plant: (name, value) =>
      sends('application/grpc', grpcFrame(field(1, 'a')), ['TE', 'trailers', name.toLowerCase(), value]),
  },
  {
    ...{ name: 'JSON in gRPC-Web', form: 'identifier' },
    plant: (name, value) =>
      sends('application/grpc-web+json', grpcFrame(Buffer.from(JSON.stringify({ [name]: value })))),
  },
  {
    ...{ name: 'text message of a WebSocket', form: 'field' },
    plant: (name, value) => ({ messages: [{ opcode: 1, data: JSON.stringify({ type: 'auth', [name]: value }) }] }),
  },
  {
    ...{ name: 'binary message of a WebSocket', form: 'field', plain: true },
    plant: (name, value) => ({ messages: [{ opcode: 2, data: JSON.stringify({ type: 'auth', [name]: value }) }] }),
  },
  {
    ...{ name: 'message of a failure', form: 'identifier', plain: true },
    plant: (name, value) => ({ failure: `connect failed for https://db.example/x?${name}=${encoded(value)}` }),
  },
  {
    ...{ name: 'parameters of an Authorization', form: 'identifier', plain: true },
    plant: (name, value) => ({ headers: ['Authorization', `Custom realm="a", ${name}="${value}", n=1`] }),
  },
];

/** A place whose path says that a secret follows. */
export const pathPlaces: readonly { name: string; plant: (value: string) => Planted }[] = [
  ...'token reset-password password_reset verify-email verification magic-link magicLink invite invitation activate confirm unsubscribe unlock api-key session-token accept-invite recover otp email-confirmation'
    .split(' ')
    .map((segment) => ({
      name: `path after ${segment}`,
      plant: (value: string): Planted => ({ target: `/${segment}/${value}` }),
    })),
];

/** Where something stands that no name tells. */
export const freePlaces: readonly { name: string; plant: (text: string) => Planted }[] = [
  { name: 'member of JSON', plant: (text) => answers(json, JSON.stringify({ note: text, n: 1 })) },
  { name: 'member of JSON, sent', plant: (text) => sends(json, JSON.stringify({ data: [{ other: text }] })) },
  { name: 'sentence', plant: (text) => answers('text/plain', `We have seen "${text}" today.\n`) },
  { name: 'header', plant: (text) => ({ headers: ['X-Note', text.replaceAll('\n', ' ')] }) },
  { name: 'query parameter', plant: (text) => ({ target: `?note=${encoded(text)}` }) },
  { name: 'element', plant: (text) => answers('text/xml', `<a><note>${xml(text)}</note></a>`) },
  { name: 'page', plant: (text) => answers('text/html', `<p>${xml(text)}</p>`) },
  { name: 'form field', plant: (text) => sends(form, new URLSearchParams({ note: text }).toString()) },
  { name: 'part of multipart', plant: (text) => sends(multipart, parts('note', text, binary)) },
  { name: 'message of a WebSocket', plant: (text) => ({ messages: [{ opcode: 1, data: `note ${text}` }] }) },
  {
    name: 'gzip',
    plant: (text) => answers('text/plain', gzipSync(`note ${text}\n`), ['Content-Encoding', 'gzip']),
  },
  {
    name: 'protobuf',
    plant: (text) => sends('application/x-protobuf', Buffer.concat([field(1, text), field(2, 'z')])),
  },
  { name: 'JSON in a string', plant: (text) => answers(json, JSON.stringify({ b: JSON.stringify({ note: text }) })) },
  {
    name: 'Base64 in JSON',
    plant: (text) => answers(json, JSON.stringify({ data: Buffer.from(`note: ${text}`).toString('base64') })),
  },
  { name: 'failure', plant: (text) => ({ failure: `refused: ${text.replaceAll('\n', ' ')}` }) },
];

/** Codings in which a secret that a name tells elsewhere stands once more. */
export const echoes: readonly { name: string; plain?: true; plant: (secret: string) => Planted }[] = [
  { name: 'echo in a text', plant: (secret) => answers('text/plain', `You said ${secret} to us`) },
  {
    name: 'echo in Base64',
    plant: (secret) => answers(json, JSON.stringify({ x: Buffer.from(secret).toString('base64') })),
  },
  {
    name: 'echo in Base64, one byte on',
    plant: (secret) => answers(json, JSON.stringify({ x: Buffer.from(`u${secret} and more`).toString('base64') })),
  },
  {
    name: 'echo in Base64, two bytes on',
    plant: (secret) => answers(json, JSON.stringify({ x: Buffer.from(`me${secret}!`).toString('base64url') })),
  },
  { name: 'echo in hex', plant: (secret) => answers('text/plain', `0x${Buffer.from(secret).toString('hex')}`) },
  { name: 'echo in a path', plain: true, plant: (secret) => ({ target: `/things/${encoded(secret)}/more` }) },
  { name: 'echo in percent', plant: (secret) => ({ target: `?x=${encoded(secret)}` }) },
  { name: 'echo in percent twice', plant: (secret) => ({ target: `?x=${encoded(encoded(secret))}` }) },
  {
    name: 'echo in small percent',
    plant: (secret) =>
      answers(
        'text/plain',
        encoded(secret).replace(/%../g, (one) => one.toLowerCase()),
      ),
  },
  { name: 'echo in entities', plant: (secret) => answers('text/html', `<p>${xml(secret)}</p>`) },
  {
    name: 'echo in escapes',
    plant: (secret) => answers(json, `{"x":"${quoted(secret).slice(1, -1).replaceAll('/', '\\/')}"}`),
  },
  { name: 'echo in gzip', plant: (secret) => answers('application/gzip', gzipSync(`all: ${secret}\n`)) },
  {
    name: 'echo in Brotli',
    plant: (secret) => answers('text/plain', brotliCompressSync(`all: ${secret}\n`), ['Content-Encoding', 'br']),
  },
  { name: 'echo in a failure', plain: true, plant: (secret) => ({ failure: `no answer for ${secret}` }) },
  { name: 'echo in protobuf', plain: true, plant: (secret) => sends('application/x-protobuf', field(1, secret)) },
];

/** What `Authorization` says with each scheme: the header, and the secret in it. */
export const authorizations: readonly { name: string; plant: (value: string) => Planted }[] = [
  { name: 'Authorization Bearer', plant: (value) => ({ headers: ['Authorization', `Bearer ${value}`] }) },
  {
    name: 'Authorization Basic',
    plant: (value) => ({ headers: ['Authorization', `Basic ${Buffer.from(`ada:${value}`).toString('base64')}`] }),
  },
  { name: 'Authorization alone', plant: (value) => ({ headers: ['Authorization', value] }) },
  { name: 'Authorization Token', plant: (value) => ({ headers: ['Authorization', `Token token="${value}"`] }) },
  {
    name: 'Authorization AWS4',
    plant: (value) => ({
      headers: [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=KEY/20261121/eu/s3/aws4_request, SignedHeaders=host, Signature=${value}`,
      ],
    }),
  },
  { name: 'Proxy-Authorization', plant: (value) => ({ headers: ['Proxy-Authorization', `Bearer ${value}`] }) },
  {
    name: 'Sec-WebSocket-Protocol',
    plant: (value) => ({ headers: ['Sec-WebSocket-Protocol', `graphql-ws, bearer.${value}`] }),
  },
];
