import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { RawConnection } from '../helpers/raw-connection.js';
import { RawServer } from '../helpers/raw-server.js';
import { startRecordingProxy } from '../helpers/record-and-replay.js';

/** What a client says, and what the server says to that; both as they stand on the wire. */
interface Turn {
  asks: string;
  answers: string;
}

interface Talk {
  /** `HOST` stands for the server's authority. */
  turns: Turn[];
  /** The client says all at once. */
  pipelined?: true;
  /** The server ends the connection after its last answer. */
  ends?: 'closed' | 'reset';
  /** What the server gets is another spelling of the same. */
  arrives?: (asked: string) => string;
}

const get = (path = '/', ...fields: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: HOST', ...fields, '', ''].join('\r\n');
const post = (body: string, ...fields: string[]): string =>
  ['POST /items HTTP/1.1', 'hOST: HOST', ...fields, '', body].join('\r\n');
const answer = (status: string, body: string, ...fields: string[]): string =>
  [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n');
const bare = (status: string, ...fields: string[]): string => [`HTTP/1.1 ${status}`, ...fields, '', ''].join('\r\n');
const one = (asks: string, answers: string): Talk => ({ turns: [{ asks, answers }] });

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value)).toString('latin1');
const chunks = 'b\r\nhello world\r\n0\r\n\r\n';
const parts = '--b\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--b--\r\n';

const talks: Record<string, Talk> = {
  HEAD: one(get('/').replace('GET', 'HEAD'), bare('200 OK', 'Content-Length: 12345', 'ETag: "1"')),
  '204': one(get(), bare('204 No Content', 'X-After: delete')),
  '304': one(get('/', 'If-None-Match: "1"'), bare('304 Not Modified', 'ETag: "1"')),
  'a range': one(get('/', 'Range: bytes=2-4'), answer('206 Partial Content', 'cde', 'Content-Range: bytes 2-4/9')),
  'several ranges': one(
    get('/', 'Range: bytes=0-1,3-4'),
    answer('206 Partial Content', parts, 'Content-Type: multipart/byteranges; boundary=b'),
  ),
  'no such range': one(
    get('/', 'Range: bytes=99-'),
    answer('416 Range Not Satisfiable', '', 'Content-Range: bytes */9'),
  ),
  'headers twice, empty, in any case and order': one(
    get('/', 'x-b: 1', 'X-Empty:', 'X-B: 2', 'aCCept: */*', 'Cookie: a=1', 'Cookie: b=2').replace('Empty:', 'Empty: '),
    answer(
      '200 OK',
      'ok',
      'Set-Cookie: a=1',
      'x-empty: ',
      'SET-COOKIE: b=2',
      'set-cookie: a=3',
      'X-\xfcml: caf\xe9',
    ).replace('X-\xfcml', 'X-Uml'),
  ),
  'a header of 64 KiB each way': one(
    get('/', `X-Large: ${'a'.repeat(65_536)}`),
    answer('200 OK', '', `X-Large: ${'b'.repeat(65_536)}`),
  ),
  'three thousand headers each way': one(
    get('/', ...Array.from({ length: 3000 }, (_, i) => `X-${i}: ${i}`)),
    answer('200 OK', '', ...Array.from({ length: 3000 }, (_, i) => `Y-${i}: ${i}`)),
  ),
  'a URL of 100 KB': one(get(`/search?q=${'x'.repeat(100_000)}`), answer('200 OK', 'found')),
  'a path that is not ASCII, as it was sent': one(get('/caf\xc3\xa9/\xe9?q=\xff&r=%E9'), answer('200 OK', 'found')),
  'a path that URL parsers would change': one(
    get('//a//../b/./c;d=1/%2e%2E/{x}|"^`?a=b?c&&=&[0]=\\'),
    answer('200 OK', 'found'),
  ),
  'OPTIONS *': one(get('*').replace('GET', 'OPTIONS'), bare('204 No Content', 'Allow: GET')),
  'methods of WebDAV': one(get('/').replace('GET', 'PROPFIND'), answer('207 Multi-Status', '<a/>')),
  'a body in chunks each way': one(
    post(chunks, 'Transfer-Encoding: chunked'),
    `${bare('200 OK', 'Transfer-Encoding: chunked')}${chunks}`,
  ),
  'trailers each way': one(
    post('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n', 'Trailer: X-Sum', 'Transfer-Encoding: chunked'),
    `${bare('200 OK', 'Trailer: X-Sum', 'Transfer-Encoding: chunked')}2\r\nok\r\n0\r\nX-Sum: 2\r\nX-sum: 3\r\n\r\n`,
  ),
  'early hints': one(
    get(),
    bare('103 Early Hints', 'Link: </a.css>; rel=preload', 'link: </b.js>') +
      bare('103 Early Hints', 'X-Any: 1') +
      answer('200 OK', 'ok'),
  ),
  '100 Continue': {
    turns: [
      { asks: post('', 'Expect: 100-continue', 'Content-Length: 5'), answers: bare('100 Continue') },
      { asks: 'hello', answers: answer('201 Created', 'made') },
    ],
  },
  'Connection: close': {
    ...one(get('/', 'Connection: close'), answer('200 OK', 'bye', 'Connection: close')),
    // The client's wish is for its own connection.
    arrives: (asked) => asked.replace('close', 'keep-alive'),
    ends: 'closed',
  },
  'requests on one connection': {
    turns: [1, 2, 3].map((number) => ({ asks: get(`/${number}`), answers: answer('200 OK', `answer ${number}`) })),
  },
  'pipelined requests': {
    turns: [1, 2, 3].map((number) => ({ asks: get(`/${number}`), answers: answer('200 OK', `answer ${number}`) })),
    pipelined: true,
  },
  'a reason in other words, and none': {
    turns: [
      { asks: get('/a'), answers: answer('200 Tr\xe8s bien', 'a') },
      { asks: get('/b'), answers: answer('299 ', 'b') },
    ],
  },
  'a status that nobody knows': one(get(), answer('599 Odd', 'what')),
  'all bytes, without a type': one(post(everyByte, 'Content-Length: 256'), answer('200 OK', everyByte)),
  'a compressed body as it was compressed': one(
    get('/', 'Accept-Encoding: gzip'),
    answer('200 OK', gzipSync('text '.repeat(99)).toString('latin1'), 'Content-Encoding: gzip'),
  ),
  'a redirect': one(get(), answer('302 Found', '', 'Location: /elsewhere?a=1#b')),
  'a body that ends early': {
    ...one(get(), `${bare('200 OK', 'Content-Length: 99')}only this`),
    ends: 'closed',
  },
  'a body whose connection is reset': {
    ...one(get(), `${bare('200 OK', 'Transfer-Encoding: chunked')}9\r\nonly this\r\n`),
    ends: 'reset',
  },
};

/** Says the client's part, and returns what came to that, to the end of the connection where the server ends it. */
async function say(connection: RawConnection, { turns, pipelined, ends }: Talk, authority: string): Promise<string> {
  const asks = turns.map((turn) => turn.asks.replace('HOST', authority));
  if (pipelined === true) connection.write(asks.join(''));
  let heard = '';
  for (const [index, { answers }] of turns.entries()) {
    if (pipelined !== true) connection.write(asks[index] ?? '');
    heard += (await connection.bytes(answers.length)).toString('latin1');
  }
  if (ends !== undefined) heard += (await connection.rest()).toString('latin1');
  connection.destroy();
  return heard;
}

test.each(Object.entries(talks))('%s: the same live, recorded and replayed as without a proxy', async (_, talk) => {
  const arrived: string[] = [];
  const server = await RawServer.start(async (connection) => {
    const authority = `127.0.0.1:${server.port}`;
    for (const { asks, answers } of talk.turns) {
      const asked = asks.replace('HOST', authority);
      const wanted = proxied ? (talk.arrives?.(asked) ?? asked) : asked;
      arrived.push((await connection.bytes(wanted.length)).toString('latin1').replace(authority, 'HOST'));
      connection.write(answers);
    }
    if (talk.ends === 'closed') connection.end();
    // Once all is sent: a reset takes along what waits.
    if (talk.ends === 'reset')
      connection.socket.write('', () => setTimeout(() => connection.socket.resetAndDestroy(), 20));
  });
  const authority = `127.0.0.1:${server.port}`;
  const answers = talk.turns.map((turn) => turn.answers).join('');
  const asks = talk.turns.map((turn) => turn.asks);
  let proxied = false;

  expect(await say(await RawConnection.open(server.port), talk, authority)).toBe(answers);
  expect(arrived.splice(0)).toEqual(asks);

  proxied = true;
  const proxy = await startRecordingProxy();
  expect(await say(await proxy.connect(authority), talk, authority)).toBe(answers);
  expect(arrived).toEqual(asks.map((asked) => talk.arrives?.(asked) ?? asked));

  const replay = await proxy.replay();
  await server.close();
  expect(await say(await replay.connect(authority), talk, authority)).toBe(answers);
  expect(replay.replayer.misses()).toEqual([]);
});
