/** A message that the proxy does not pass on. */
export interface Refusal {
  what: string;
  why: string;
  status: number;
  /** On the wire, from a client to the proxy. What cannot be shown by a message is told in words alone. */
  example?: string;
}

const smuggling = 'two readers would see different requests in it';
const host = 'Host: api.example\r\n';
const post = `POST http://api.example/ HTTP/1.1\r\n${host}`;

/**
 * HTTP/1, all with `PROXYCTL_BAD_REQUEST`. `docs/reference/refused.md` is made from it, and each example is sent by its
 * test.
 */
export const refusals: readonly Refusal[] = [
  {
    what: 'A request with both `Content-Length` and `Transfer-Encoding`',
    why: smuggling,
    status: 400,
    example: `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    what: 'Two `Content-Length`s, or one that is no number',
    why: smuggling,
    status: 400,
    example: `${post}Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello`,
  },
  {
    what: 'A `Transfer-Encoding` whose last coding is not `chunked`',
    why: 'nobody can tell where it ends',
    status: 400,
    example: `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  },
  {
    what: 'A header line that goes on in the next line (folding)',
    why: smuggling,
    status: 400,
    example: `GET http://api.example/ HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`,
  },
  {
    what: 'White space before the colon of a header',
    why: smuggling,
    status: 400,
    example: `GET http://api.example/ HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n`,
  },
  {
    what: 'A header name that is no token, or a control character in a value',
    why: 'no server takes it',
    status: 400,
    example: `GET http://api.example/ HTTP/1.1\r\n${host}X(y): 1\r\n\r\n`,
  },
  {
    what: 'A line of the head that ends in a carriage return alone',
    why: smuggling,
    status: 400,
    example: `GET http://api.example/ HTTP/1.1\r\n${host}A: b\rC: d\r\n\r\n`,
  },
  {
    what: 'No `Host` in HTTP/1.1',
    why: 'RFC 9112 §3.2',
    status: 400,
    example: 'GET http://api.example/ HTTP/1.1\r\n\r\n',
  },
  {
    what: 'More than one `Host`',
    why: smuggling,
    status: 400,
    example: `GET http://api.example/ HTTP/1.1\r\n${host}Host: other.example\r\n\r\n`,
  },
  {
    what: 'A `Host` that is not a host name with an optional port',
    why: 'RFC 9112 §3.2',
    status: 400,
    example: 'GET http://api.example/ HTTP/1.1\r\nHost: a/../b\r\n\r\n',
  },
  {
    what: 'A URL without a host, or of another scheme than http and https',
    why: 'there is nowhere to send it',
    status: 400,
    example: `GET ftp://api.example/ HTTP/1.1\r\n${host}\r\n`,
  },
  {
    what: 'A method that Node’s parser does not know (it knows those of HTTP, WebDAV, UPnP, `PURGE`, `QUERY` and a few more)',
    why: 'a limit of the parser',
    status: 400,
    example: `FROBNICATE http://api.example/ HTTP/1.1\r\n${host}\r\n`,
  },
  {
    what: 'HTTP/0.9, or a version that is none',
    why: 'RFC 9112 §2.3',
    status: 400,
    example: `GET http://api.example/ HTTP/7.3\r\n${host}\r\n`,
  },
  {
    what: 'A byte above 0x7f in a URL whose beginning came in an earlier packet (in one packet it is passed on as it was sent)',
    why: 'a limit of the parser',
    status: 400,
  },
  {
    what: 'A head of more than 256 KiB',
    why: 'it would fill memory',
    status: 431,
    example: `GET http://api.example/ HTTP/1.1\r\n${host}X: ${'x'.repeat(300 * 1024)}`,
  },
  {
    what: 'A head that is not complete within 5 minutes',
    why: 'slow links are meant to work, this is none',
    status: 408,
  },
  {
    what: 'A request to the proxy’s own address, by whatever name',
    why: 'it would go round in a loop',
    status: 400,
    example: 'GET http://PROXY/ HTTP/1.1\r\nHost: PROXY\r\n\r\n',
  },
  {
    what: '`CONNECT` to the proxy’s own address',
    why: 'it would go round in a loop',
    status: 400,
    example: 'CONNECT PROXY HTTP/1.1\r\nHost: PROXY\r\n\r\n',
  },
  {
    what: '`CONNECT` to what is not `host:port`',
    why: 'there is nowhere to connect to',
    status: 400,
    example: 'CONNECT api.example:99999 HTTP/1.1\r\nHost: api.example\r\n\r\n',
  },
  {
    what: 'A path in place of a URL, to the proxy itself (unless the session is one of `--reverse`)',
    why: 'only the proxy’s own pages are there',
    status: 400,
    example: 'GET /nothing HTTP/1.1\r\nHost: PROXY\r\n\r\n',
  },
];

/** HTTP/2. Examples are pseudo-headers and headers of a request. */
export interface H2Refusal {
  what: string;
  result: string;
  why: string;
  /** 0: the stream is reset. */
  status?: number;
  example?: Record<string, string>;
}

export const h2Refusals: readonly H2Refusal[] = [
  {
    what: '`CONNECT` within HTTP/2, that of WebSockets (RFC 8441) too',
    result: '400',
    why: 'it is not offered in SETTINGS, so clients take HTTP/1.1 for it by themselves',
    status: 400,
    example: { ':method': 'CONNECT', ':authority': 'api.example:443' },
  },
  {
    what: 'Two hosts in one request, in `:authority` and `host`',
    result: '400',
    why: smuggling,
    status: 400,
    example: { ':path': '/', ':authority': 'api.example', host: 'other.example' },
  },
  {
    what: 'An `:authority` that is not a host name with an optional port',
    result: '400',
    why: 'there is nowhere to send it',
    status: 400,
    example: { ':path': '/', ':authority': 'api.example:99999' },
  },
  {
    what: 'A `:path` that is not a path',
    result: 'RST_STREAM, PROTOCOL_ERROR',
    why: 'RFC 9113 §8.3.1',
    status: 0,
    example: { ':path': 'x', ':authority': 'api.example' },
  },
  {
    what: 'More than 1,000 streams at once',
    result: 'REFUSED_STREAM',
    why: 'clients that keep to SETTINGS never get there',
  },
  { what: 'What a server pushes', result: 'refused', why: 'SETTINGS_ENABLE_PUSH is 0' },
  {
    what: 'Frames that break the protocol',
    result: 'GOAWAY, or RST_STREAM where one stream alone is concerned',
    why: 'RFC 9113 §5.4',
  },
];
