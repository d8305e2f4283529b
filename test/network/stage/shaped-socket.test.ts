import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ShapedSocket } from '../../../src/network/stage/shaped-socket.js';
import { bernoulli, network, shapedServer } from '../../helpers/shaped-server.js';
import { makeTestCertificate } from '../../helpers/test-certificate.js';

async function readAll(socket: Socket | ShapedSocket): Promise<string> {
  let text = '';
  // Without the option the iterator would destroy the socket, whose other half may still be open.
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1');
  }
  return text;
}

/** A connection with both its ends. */
async function pair(
  conditions = network({ loss: bernoulli(0.1), rttMs: 10 }),
): Promise<{ client: Socket; served: ShapedSocket }> {
  return (await shapedServer(conditions)).pair();
}

describe('the end of a connection', () => {
  test('a client that ends its half still gets the answer', async () => {
    const { client, served } = await pair();
    client.end('question');
    expect(await readAll(served)).toBe('question');
    served.end('answer '.repeat(10_000));
    expect(await readAll(client)).toBe('answer '.repeat(10_000));
  });

  test('a server that ends its half still gets the rest of the question', async () => {
    const { client, served } = await pair();
    served.end('enough');
    expect(await readAll(client)).toBe('enough');
    client.end('rest '.repeat(10_000));
    expect(await readAll(served)).toBe('rest '.repeat(10_000));
  });

  test('closing the server’s end delivers what it had taken', async () => {
    const { client, served } = await pair(network({ loss: bernoulli(0.2), rttMs: 20 }));
    served.write(Buffer.alloc(100_000, 'x'));
    served.destroy();
    expect(await readAll(client)).toBe('x'.repeat(100_000));
    await served.released;
  });

  test('destroySoon, as HTTP servers call it, closes after the answer', async () => {
    const { client, served } = await pair();
    served.write('bye');
    served.destroySoon();
    expect(await readAll(client)).toBe('bye');
    client.end();
    await served.released;
    expect(served.destroyed).toBe(true);
  });

  test('a reset from the client drops what was held and reaches the server at once', async () => {
    const { client, served } = await pair(network({ loss: bernoulli(1), rttMs: 20 }));
    served.write(Buffer.alloc(100_000));
    client.resetAndDestroy();
    await new Promise((resolve) => served.once('close', resolve)); // `once` of node:events would throw the error
    expect(served.errored).toMatchObject({ code: 'ECONNRESET' });
    await served.released;
  });

  test('a reset by the server reaches the client though everything is lost', async () => {
    const { client, served } = await pair(network({ loss: bernoulli(1), rttMs: 20 }));
    served.write('never');
    served.resetAndDestroy();
    await expect(once(client, 'data')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('the last bytes of a client arrive though both ends have closed', async () => {
    const { client, served } = await pair(network({ loss: bernoulli(0.3), rttMs: 20, seed: 8 }));
    served.end();
    client.end('z'.repeat(60_000));
    client.resume();
    expect(await readAll(served)).toBe('z'.repeat(60_000));
  });
});

describe('servers take it for a socket', () => {
  test('HTTP: requests on one connection, and a body of some size', async () => {
    const http = createHttpServer((incoming, response) => {
      incoming.resume();
      incoming.on('end', () => response.end('b'.repeat(200_000)));
    });
    const { port } = await shapedServer(network({ loss: bernoulli(0.02), rttMs: 4 }), (socket) =>
      http.emit('connection', socket),
    );
    for (let index = 0; index < 3; index += 1) {
      const outgoing = request({ port, host: '127.0.0.1', method: 'POST', path: '/' });
      outgoing.end('a'.repeat(50_000));
      const [response] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
      let bytes = 0;
      for await (const chunk of response) bytes += chunk.length;
      expect(bytes).toBe(200_000);
    }
  });

  test('TLS: a handshake and an echo', async () => {
    const { key, cert } = await makeTestCertificate(['localhost']);
    const tls = createTlsServer({ key, cert }, (secure) => secure.pipe(secure));
    const { port } = await shapedServer(network({ loss: bernoulli(0.05), rttMs: 4 }), (socket) =>
      tls.emit('connection', socket),
    );
    const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(client, 'secureConnect');
    client.end('s'.repeat(100_000));
    let text = '';
    for await (const chunk of client) text += String(chunk);
    expect(text).toBe('s'.repeat(100_000));
  });

  test('it has the addresses of the client’s socket', async () => {
    const { client, served } = await pair();
    expect(served.remotePort).toBe(client.localPort);
    expect(served.localPort).toBe(client.remotePort);
    expect(served.remoteAddress).toBe('127.0.0.1');
    expect(served.address()).toMatchObject({ port: client.remotePort });
  });

  test('it tells of a time without traffic, but not while it holds bytes back', async () => {
    const { client, served } = await pair(network());
    served.setTimeout(50);
    await once(served, 'timeout');
    client.destroy();

    const lossy = await pair(network({ loss: bernoulli(1), rttMs: 20 }));
    let timeouts = 0;
    lossy.served.setTimeout(50, () => (timeouts += 1));
    lossy.served.write('held');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(timeouts).toBe(0);
    lossy.client.destroy();
  });
});
