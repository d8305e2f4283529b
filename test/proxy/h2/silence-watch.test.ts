import { once } from 'node:events';
import { connect, performServerHandshake, type ServerHttp2Session } from 'node:http2';
import { createServer as createTcpServer, connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SilenceWatch } from '../../../src/proxy/h2/silence-watch.js';
import { frame } from '../../helpers/fuzz/messages.js';

async function serve(): Promise<{ port: number; accepted: Promise<Socket> }> {
  const watch = new SilenceWatch({ pingAfterMs: 40, endAfterMs: 40 });
  const server = createTcpServer();
  const accepted = (once(server, 'connection') as Promise<[Socket]>).then(([socket]) => {
    const session: ServerHttp2Session = performServerHandshake(socket, {});
    session.on('error', () => undefined);
    watch.watch(session, socket);
    onTestFinished(() => void socket.destroy());
    return socket;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, accepted };
}

test('a connection that broke the protocol and left is ended', async () => {
  const { port, accepted } = await serve();
  const client = connectTcp(port, '127.0.0.1').resume();
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  client.write(Buffer.concat([preface, frame(4, 0, 0, Buffer.alloc(0)), frame(9, 4, 1, Buffer.from([0x82]))]));
  const socket = await accepted;
  await once(client, 'data');
  client.destroy();
  await once(socket, 'close');
});

test('a connection that is merely silent stays', async () => {
  const { port, accepted } = await serve();
  const client = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => client.destroy());
  const socket = await accepted;
  for (let asked = 0; asked < 3; asked += 1) await once(client, 'ping');
  expect(socket.destroyed).toBe(false);
});
