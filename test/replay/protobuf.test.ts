import { describe, expect, test } from 'vitest';
import { parseProtobuf, writeVarint } from '../../src/http/index.js';
import { Replay, recordedAt } from '../helpers/replaying.js';

const later = recordedAt + 45 * 86_400_000;
const url = 'http://shop.test/shop.Shop/Put';

/** Fields of a message by number: bytes and texts are length-delimited, numbers varints. */
function message(fields: [number: number, value: string | bigint | Buffer][]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'bigint') return [writeVarint(BigInt(number) << 3n), writeVarint(value)];
      const bytes = Buffer.from(value);
      return [writeVarint((BigInt(number) << 3n) | 2n), writeVarint(BigInt(bytes.length)), bytes];
    }),
  );
}

function frame(body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function asText(body: Buffer): Buffer {
  return Buffer.from(frame(body).toString('base64'));
}

const [first, second] = ['3fa85f64-5717-4562-b3fc-2c963f66afa6', '9b2d7c1e-80a4-4f36-a1d5-6e0c4b8f7a92'] as const;
const request = (id: string, at: number, name: string): Buffer =>
  message([
    [1, id],
    [2, BigInt(at)],
    [
      3,
      message([
        [1, 7n],
        [2, name],
      ]),
    ],
  ]);
const reply = (id: string, at: number): Buffer =>
  message([
    [1, id],
    [
      2,
      message([
        [1, BigInt(Math.floor(at / 1000))],
        [2, 123n],
      ]),
    ],
    [3, 42n],
    [4, BigInt(at)],
  ]);

describe.each([
  ['bare', 'application/x-protobuf', (body: Buffer) => body],
  ['framed as gRPC', 'application/grpc', frame],
  ['as gRPC-Web', 'application/grpc-web+proto', frame],
  ['as gRPC-Web’s text', 'application/grpc-web-text', asText],
  ['as gRPC-Web’s text, said in full,', 'application/grpc-web-text+proto', asText],
])('a protobuf message, %s,', (_, type, wrap) => {
  const headers = ['Content-Type', type];
  const replay = (): Replay =>
    new Replay(
      [
        {
          method: 'POST',
          url,
          headers,
          body: wrap(request(first, recordedAt, 'tea')),
          answer: wrap(reply(first, recordedAt)),
          responseHeaders: headers,
          atMs: 0,
          waitMs: 0,
        },
      ],
      { now: later },
    );

  test('is compared field by field, and told with this run’s ids and times', async () => {
    const answer = await replay().ask({ method: 'POST', url, headers, body: wrap(request(second, later, 'tea')) });
    expect(answer.data).toEqual(wrap(reply(second, later)));
  });

  test('with another value is a miss that names its field', async () => {
    const missed = replay();
    await missed.ask({ method: 'POST', url, headers, body: wrap(request(second, later, 'ice')) });
    expect(missed.replayer.misses()[0]?.nearest?.differences).toEqual([
      { where: 'proto 3.2', recorded: 'tea', incoming: 'ice' },
    ]);
  });
});

test('gRPC-Web’s text is the same however its Base64 is cut into pieces', async () => {
  const headers = ['Content-Type', 'application/grpc-web-text'];
  const whole = frame(request(first, recordedAt, 'tea'));
  const pieces = [whole.subarray(0, 7), whole.subarray(7, 20), whole.subarray(20)];
  const body = pieces.map((piece) => piece.toString('base64')).join('');
  const trailers = Buffer.concat([Buffer.from([0x80, 0, 0, 0, 15]), Buffer.from('grpc-status:0\r\n')]);
  const answer = Buffer.concat([frame(reply(first, recordedAt)), trailers]).toString('base64');
  const recorded = { method: 'POST', url, headers, body: asText(request(first, recordedAt, 'tea')), answer };
  const replay = new Replay([{ ...recorded, responseHeaders: headers, atMs: 0, waitMs: 0 }], { now: recordedAt });
  expect((await replay.ask({ method: 'POST', url, headers, body })).data.toString()).toBe(answer);
});

test('what is no message is not taken for one', () => {
  for (const hex of ['00', '08', '0a05aa', '07', 'ffffffffffffffffffffff01']) {
    expect([hex, parseProtobuf(Buffer.from(hex, 'hex'))]).toEqual([hex, undefined]);
  }
});

test('large numbers keep every digit', () => {
  const [field] = parseProtobuf(message([[1, 18_446_744_073_709_551_615n]])) ?? [];
  expect(field?.value).toEqual({ type: 'varint', value: 18_446_744_073_709_551_615n });
});
