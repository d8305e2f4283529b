import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { ToxiproxyServer } from '../../supervisor/toxiproxy/toxiproxy-server.js';
import { parseToxicAttributes } from '../../src/toxics/attributes.js';
import type { Stream } from '../../src/toxics/index.js';
import { toxicDefinition } from '../../src/toxics/lookup.js';
import { testToxiproxy } from './toxiproxy.js';

const name = 'link';

/** A server behind one proxy of a real Toxiproxy of its own. All ends with the test. */
export interface ToxicLink {
  toxiproxy: ToxiproxyServer;
  /** Declares a toxic as the command line would, and adds what it becomes. */
  add: (type: string, attributes: Record<string, unknown>, stream?: Stream) => Promise<void>;
  remove: (type: string) => Promise<void>;
  /** A connection through the proxy. */
  connect: () => Promise<Socket>;
}

/** `serve` is handed each connection at the far side; the default sends back what it gets. */
export async function toxicLink(serve: (socket: Socket) => void = (socket) => socket.pipe(socket)): Promise<ToxicLink> {
  const toxiproxy = await ToxiproxyServer.start({ binary: testToxiproxy() });
  onTestFinished(() => toxiproxy.close());
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined); // toxics cut connections
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { listen } = await toxiproxy.api.createProxy({ name, listen: '127.0.0.1:0', upstream });
  return {
    toxiproxy,
    add: async (type, attributes, stream = 'downstream') => {
      const definition = toxicDefinition(type);
      for (const wire of definition.toxiproxy?.toWire(parseToxicAttributes(definition, attributes)) ?? []) {
        await toxiproxy.api.addToxic(name, { name: type, stream, toxicity: 1, ...wire });
      }
    },
    remove: (type) => toxiproxy.api.removeToxic(name, type),
    connect: async () => {
      const socket = connect({ port: Number(listen.split(':')[1]), host: '127.0.0.1', noDelay: true });
      onTestFinished(() => void socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
  };
}

/** Sends `data` and resolves once as many bytes have come back, with them and the time that it took. */
export async function roundTrip(socket: Socket, data: Buffer): Promise<{ data: Buffer; ms: number; pieces: number }> {
  const start = performance.now();
  socket.write(data);
  const pieces: Buffer[] = [];
  let received = 0;
  while (received < data.length) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    pieces.push(piece);
    received += piece.length;
  }
  return { data: Buffer.concat(pieces), ms: performance.now() - start, pieces: pieces.length };
}

/**
 * All that comes until the other side ends or cuts the connection, how it did, and how long after `start` (as
 * `performance.now()` has it). What begins with the connection itself is measured from before `connect()`.
 */
export async function untilEnd(
  socket: Socket,
  start = performance.now(),
): Promise<{ data: Buffer; ms: number; error: string | undefined }> {
  const pieces: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('error', (failure: NodeJS.ErrnoException) => (error = failure.code));
  await new Promise((resolve) => socket.once('close', resolve)); // `once` of node:events would throw the error
  return { data: Buffer.concat(pieces), ms: performance.now() - start, error };
}
