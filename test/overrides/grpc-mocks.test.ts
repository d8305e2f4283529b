import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { writeGrpcFrames } from '../../src/http/index.js';
import { mockRequest, SessionOverrides, type MockInput } from '../../src/overrides/index.js';
import { startProxy, testAuthority, type TestProxy } from '../helpers/engine.js';
import { echoClient, EchoServer, say } from '../helpers/grpc.js';

/** { 1: 'tea', 2: 3 } and what a client asks: { 1: 7 } */
const item = Buffer.from('0a037465611003', 'hex');
const question = Buffer.from('0807', 'hex');
const coffee = Buffer.from('0a06636f666665651003', 'hex');

let proxy: TestProxy;
let problems: string[];
let rules: SessionOverrides;

beforeEach(() => {
  problems = [];
  rules = new SessionOverrides({
    onHit: () => undefined,
    onProblem: (_exchange, _mock, problem) => problems.push(problem),
  });
});
afterEach(() => {
  delete process.env['grpc_proxy'];
});

function mock(input: MockInput): void {
  rules.set({
    mocks: [{ id: 'one', ...mockRequest.parse(input) }],
    redirects: [],
    interception: { intercept: [], noIntercept: [] },
  });
}

describe('gRPC', () => {
  async function call(message = question) {
    const server = await EchoServer.start({ answer: () => item });
    proxy = await startProxy({ upstream: { upstreamCa: [server.ca] }, interceptors: [rules.mocks] });
    process.env['grpc_proxy'] = proxy.url;
    const client = echoClient(`localhost:${server.port}`, (await testAuthority()).certPem);
    const outcome = await say(client, message);
    return { ...outcome, answer: Buffer.from(outcome.answers.join()), asked: server.metadata.length };
  }

  test('a field of the backend’s message is changed by its number; the status and its metadata stay', async () => {
    mock({ response: { modify: { "$['1']": 'coffee' } } });
    const { answer, code, tail } = await call();
    expect(problems).toEqual([]);
    expect(answer).toEqual(coffee);
    expect(code).toBe(status.OK);
    expect(tail['tail-bin']).toEqual(Buffer.from([0, 1, 255]));
  });

  test('a call is told apart by the fields of its message', async () => {
    mock({ predicate: { json_params: { "$['1']": 7 } }, response: { modify: { "$['2']": 0 } } });
    expect((await call()).answer).toEqual(Buffer.from('0a037465611000', 'hex'));
    expect((await call(Buffer.from('0808', 'hex'))).answer).toEqual(item);
  });

  test('the backend gets a message that was changed', async () => {
    mock({ request: { modify_json: { "$['1']": 8 } } });
    const server = await EchoServer.start({ answer: (message) => message });
    proxy = await startProxy({ upstream: { upstreamCa: [server.ca] }, interceptors: [rules.mocks] });
    process.env['grpc_proxy'] = proxy.url;
    const client = echoClient(`localhost:${server.port}`, (await testAuthority()).certPem);
    expect((await say(client, question)).answers).toEqual(['\u0008\u0008']);
  });

  test('a status is answered in the backend’s place', async () => {
    mock({ response: { response: { grpc_status: 14, grpc_message: 'down for tests ☃' } } });
    expect(await call()).toMatchObject({
      code: status.UNAVAILABLE,
      details: 'down for tests ☃',
      answers: [],
      asked: 0,
    });
  });

  test('a message is answered in the backend’s place', async () => {
    mock({ response: { response: { base64: coffee.toString('base64') } } });
    expect(await call()).toMatchObject({ code: status.OK, answer: coffee, asked: 0 });
  });

  test('what cannot be changed is told, and goes on as it was', async () => {
    mock({ response: { modify: { "$['2']": 'three' } } });
    expect((await call()).answer).toEqual(item);
    expect(problems).toEqual(['Field 2 is an integer: "three" is none']);
  });
});

describe.each(['application/grpc-web+proto', 'application/grpc-web-text'])('%s', (type) => {
  const trailers = { flags: 0x80, message: Buffer.from('grpc-status: 0\r\nx-tail: 1\r\n') };
  const isText = type.endsWith('text');
  const coded = (bytes: Buffer): Buffer => (isText ? Buffer.from(bytes.toString('base64')) : bytes);
  const decoded = (bytes: Buffer): Buffer => (isText ? Buffer.from(bytes.toString(), 'base64') : bytes);

  async function call(): Promise<Buffer> {
    const backend = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', type);
      // Servers send what they have: each piece of text is Base64 of its own, with its padding.
      response.write(coded(writeGrpcFrames([{ flags: 0, message: item }], undefined)));
      response.end(coded(writeGrpcFrames([trailers], undefined)));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void backend.close());
    await once(backend, 'listening');
    proxy = await startProxy({ interceptors: [rules.mocks] });
    const { port } = backend.address() as AddressInfo;
    const request = httpRequest({
      ...{ host: '127.0.0.1', port: proxy.port, method: 'POST', agent: false },
      path: `http://127.0.0.1:${port}/test.Shop/Item`,
      headers: { host: `127.0.0.1:${port}`, 'content-type': type },
    });
    request.end(coded(writeGrpcFrames([{ flags: 0, message: question }], undefined)));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe(type);
    return decoded(await buffer(response));
  }

  test('a field is changed by its number, and the frame of trailers stays', async () => {
    mock({ predicate: { json_params: { "$['1']": 7 } }, response: { modify: { "$['1']": 'coffee' } } });
    expect(await call()).toEqual(writeGrpcFrames([{ flags: 0, message: coffee }, trailers], undefined));
    expect(problems).toEqual([]);
  });

  test('a message and a status are answered in the backend’s place', async () => {
    mock({ response: { response: { base64: coffee.toString('base64'), grpc_status: 5, grpc_message: 'no tea' } } });
    const end = { flags: 0x80, message: Buffer.from('grpc-status: 5\r\ngrpc-message: no tea\r\n') };
    expect(await call()).toEqual(writeGrpcFrames([{ flags: 0, message: coffee }, end], undefined));
  });
});

test('a status of gRPC for a request that is no call is told, and the backend answers', async () => {
  const backend = createServer((_request, response) => response.end('plain')).listen(0, '127.0.0.1');
  onTestFinished(() => void backend.close());
  await once(backend, 'listening');
  mock({ response: { response: { grpc_status: 14 } } });
  proxy = await startProxy({ interceptors: [rules.mocks] });
  const connection = await proxy.connect();
  connection.write(`GET http://127.0.0.1:${(backend.address() as AddressInfo).port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(await connection.body(await connection.head())).toBe('plain');
  expect(problems).toEqual(['the request is no call of gRPC']);
});
