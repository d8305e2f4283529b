import { between, oneOf } from '../seeded.js';

/** Valid HTTP/1.1 requests of many shapes to `authority`, by a path or, for a proxy, by a URL. */
export function http1Request(random: () => number, authority: string, form: 'path' | 'url'): Buffer {
  const target = `${form === 'url' ? `http://${authority}` : ''}/fuzz/${between(random, 0, 9)}`;
  const head = (method: string, ...fields: string[]): string =>
    [`${method} ${target} HTTP/1.1`, `Host: ${authority}`, ...fields, '', ''].join('\r\n');
  const chunks = '5\r\nhello\r\n3;a=b\r\n...\r\n0\r\nX-Trailer: 1\r\n\r\n';
  const requests = [
    () => head('GET'),
    () => head('GET', 'Connection: close', 'X-Empty:', 'X-Twice: 1', 'X-Twice: 2'),
    () => `${head('POST', 'Content-Length: 5')}hello`,
    () => `${head('PUT', 'Transfer-Encoding: chunked', 'Trailer: X-Trailer')}${chunks}`,
    () => `${head('POST', 'Expect: 100-continue', 'Content-Length: 3')}abc`,
    () => head('GET', 'Connection: Upgrade', 'Upgrade: other/1'),
    () => head('GET', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
    () => head('GET') + head('GET') + head('HEAD'),
    () => head('GET', `X-Large: ${'x'.repeat(between(random, 1, 40_000))}`),
    () => head('OPTIONS'),
    () => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`,
    // Two readers could take these for different requests.
    () => `${head('POST', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    () => `${head('POST', 'Transfer-Encoding: chunked, identity')}0\r\n\r\n`,
    () => `${head('POST', 'Content-Length: 3', 'Content-Length: 5')}hello`,
  ];
  return Buffer.from(oneOf(random, requests)(), 'latin1');
}

/** Answers of many shapes. */
export function http1Answer(random: () => number): Buffer {
  const chunks = '5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n';
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.0 200 OK\r\n\r\nuntil the end',
    'HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other/1\r\n\r\nother',
    `HTTP/1.1 200 OK\r\nX-Large: ${'y'.repeat(between(random, 1, 40_000))}\r\nContent-Length: 0\r\n\r\n`,
    'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 9\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope',
  ];
  return Buffer.from(oneOf(random, answers), 'latin1');
}

export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const word = (value: number): Buffer =>
  Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);

/** A connection preface and frames (RFC 9113 §6) that ask for `/` of `authority` on a few streams. */
export function h2Client(random: () => number, scheme: 'http' | 'https', authority: string): Buffer {
  // HPACK (RFC 7541): :method GET or POST, :scheme, :path / from the static table, :authority as a literal.
  const block = (post: boolean): Buffer =>
    Buffer.concat([
      Buffer.from([post ? 0x83 : 0x82, scheme === 'http' ? 0x86 : 0x87, 0x84, 0x41, authority.length]),
      Buffer.from(authority),
    ]);
  const frames = [preface, frame(4, 0, 0, Buffer.alloc(0))];
  for (let stream = 1; stream < 2 * between(random, 1, 4); stream += 2) {
    const post = random() < 0.5;
    frames.push(frame(1, post ? 4 : 5, stream, block(post)));
    if (post) frames.push(frame(0, 1, stream, Buffer.from('hello')));
    frames.push(...others(random, stream));
  }
  return Buffer.concat(frames);
}

/** What a server begins with, and an answer on stream 1. */
export function h2Server(random: () => number): Buffer {
  const answer = [
    frame(1, 4, 1, Buffer.from([0x88])), // :status 200
    frame(0, 1, 1, Buffer.from('hello')),
  ];
  return Buffer.concat([
    frame(4, 0, 0, Buffer.alloc(0)),
    frame(4, 1, 0, Buffer.alloc(0)),
    ...others(random, 1),
    ...answer,
    ...others(random, 1),
  ]);
}

/** Frames that are allowed anywhere, or that a peer must cope with. */
function others(random: () => number, stream: number): Buffer[] {
  const some = [
    () => frame(6, 0, 0, Buffer.alloc(8, 1)), // PING
    () => frame(8, 0, 0, word(1 + between(random, 0, 65_535))), // WINDOW_UPDATE
    () => frame(8, 0, stream, word(0x7fff_ffff)), // one too large
    () => frame(3, 0, stream, word(between(random, 0, 13))), // RST_STREAM
    () => frame(7, 0, 0, Buffer.concat([word(stream), word(0)])), // GOAWAY
    () => frame(9, 4, stream, Buffer.from([0x82])), // CONTINUATION of nothing
    () => frame(5, 4, stream, Buffer.concat([word(2), Buffer.from([0x82])])), // PUSH_PROMISE
    () => frame(4, 0, 0, Buffer.concat([Buffer.from([0, 4]), word(0xffff_ffff)])), // SETTINGS out of range
    () => frame(between(random, 10, 255), 0, stream, Buffer.from('unknown')),
  ];
  return Array.from({ length: between(random, 0, 3) }, () => oneOf(random, some)());
}

/** Frames of a WebSocket client (RFC 6455 §5): text, binary, fragments, ping, close, all masked. */
export function webSocketFrames(random: () => number): Buffer {
  const one = (opcode: number, text: string): Buffer => {
    const mask = Buffer.from([1, 2, 3, 4]);
    const payload = Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    return Buffer.concat([Buffer.from([opcode, 0x80 | payload.length]), mask, payload]);
  };
  const frames = [
    () => one(0x81, 'text'),
    () => one(0x82, 'binary'),
    () => Buffer.concat([one(0x01, 'in '), one(0x89, 'ping'), one(0x80, 'parts')]),
    () => one(0xc1, 'compressed?'),
    () => one(0x88, '\x03\xe8bye'),
  ];
  return Buffer.concat(Array.from({ length: between(random, 1, 4) }, () => oneOf(random, frames)()));
}
