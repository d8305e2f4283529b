import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, request, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { NetworkStage } from '../../../src/network/stage/network-stage.js';
import type { NetworkConditions } from '../../../src/network/stage/network-conditions.js';
import { patternedBytes } from '../../helpers/origin.js';
import { bernoulli, network } from '../../helpers/shaped-server.js';
import { makeTestCertificate } from '../../helpers/test-certificate.js';

const slow = network({ rttMs: 100, added: true });

function stageOf(conditions: NetworkConditions): NetworkStage {
  const stage = new NetworkStage(conditions);
  onTestFinished(() => stage.close());
  return stage;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function pair(): Promise<{ client: Socket; served: Socket }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const port = await portOf(server);
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  const [[served]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(client, 'connect')]);
  return { client, served };
}

async function digest(socket: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of socket) hash.update(chunk);
  return hash.digest('hex');
}

test('20 MB pass both ways unharmed when the network is put in while they do', async () => {
  const { client, served } = await pair();
  const data = patternedBytes(20_000_000);
  served.pipe(served);
  const stage = stageOf(network({ loss: bernoulli(0.01), rttMs: 2 }));
  const back = digest(client);
  client.end(data);
  await once(served, 'data');
  stage.instrument(served);
  expect(await back).toBe(createHash('sha256').update(data).digest('hex'));
});

test('a connection that an HTTP server’s parser reads is delayed from then on', async () => {
  const sockets: Socket[] = [];
  const server = createHttpServer((asked, answer) => {
    void digest(asked).then((hash) => answer.end(hash));
  });
  server.on('connection', (socket) => sockets.push(socket));
  const port = await portOf(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async (body: Buffer): Promise<{ ms: number; text: string }> => {
    const begun = performance.now();
    const sent = request({ port, host: '127.0.0.1', method: 'POST', agent });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
    return { ms: performance.now() - begun, text };
  };
  await ask(Buffer.from('first'));
  expect(sockets).toHaveLength(1);
  stageOf(slow).instrument(sockets[0] as Socket);
  const body = patternedBytes(3_000_000);
  for (let turn = 0; turn < 3; turn += 1) {
    const { ms, text } = await ask(body);
    expect(text).toBe(createHash('sha256').update(body).digest('hex'));
    expect(ms).toBeGreaterThanOrEqual(98);
  }
  expect(sockets).toHaveLength(1);
});

test('a TLS connection is delayed from then on, and carries what it should', async () => {
  const { ca, cert, key } = await makeTestCertificate(['localhost']);
  const server = createTlsServer({ cert, key });
  const port = await portOf(server);
  const client = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
  onTestFinished(() => void client.destroy());
  const [[served]] = await Promise.all([
    once(server, 'secureConnection') as Promise<[Socket]>,
    once(client, 'secureConnect'),
  ]);
  served.pipe(served);
  client.write('before');
  await once(client, 'data');
  stageOf(slow).instrument(served);
  const begun = performance.now();
  client.write('after');
  await once(client, 'data');
  expect(performance.now() - begun).toBeGreaterThanOrEqual(98);
  const data = patternedBytes(5_000_000);
  const back = digest(client);
  client.end(data);
  expect(await back).toBe(createHash('sha256').update(data).digest('hex'));
});

test('what was written is delivered though the socket is closed at once', async () => {
  const { client, served } = await pair();
  stageOf(network({ loss: bernoulli(0.2), rttMs: 20 })).instrument(served);
  served.resume();
  const data = patternedBytes(100_000);
  served.write(data);
  served.destroy();
  expect(await digest(client)).toBe(createHash('sha256').update(data).digest('hex'));
});

test('a reset drops what is held, and the client sees it', async () => {
  const { client, served } = await pair();
  stageOf(network({ loss: bernoulli(1), rttMs: 20 })).instrument(served);
  client.on('data', () => undefined);
  served.write('held for ever');
  served.resetAndDestroy();
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});

test('a client that does not read stops the writer', async () => {
  const { client, served } = await pair();
  stageOf(network({ loss: bernoulli(0.01), rttMs: 2 })).instrument(served);
  client.pause();
  const block = Buffer.alloc(1_000_000, 'x');
  let written = 0;
  while (written < 100 && served.write(block)) written += 1;
  // The writer is told to wait, and only what sockets and the model's send buffer hold is taken.
  expect(served.writableNeedDrain).toBe(true);
  const before = served.bytesWritten;
  expect(before).toBeLessThan(20_000_000);
  client.resume();
  await once(served, 'drain');
});
