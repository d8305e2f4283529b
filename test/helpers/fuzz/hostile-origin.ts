import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { seeded, oneOf } from '../seeded.js';
import { http1Answer, h2Server } from './messages.js';
import { mutate, noise, pieces } from './mutate.js';

/** A backend that says nothing valid: broken answers of HTTP/1, broken frames of HTTP/2, broken TLS. */
export class HostileOrigin {
  readonly #open = new Set<Socket>();

  private constructor(readonly server: Server) {}

  static async start(seed: number): Promise<HostileOrigin> {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      const random = seeded(seed * 1_000_003 + connections);
      origin.#open.add(socket);
      socket.on('error', () => undefined).once('close', () => origin.#open.delete(socket));
      socket.once('data', (data: Buffer) => {
        const answer = data[0] === 0x16 ? tlsServer : data.toString('latin1', 0, 3) === 'PRI' ? h2Server : http1Answer;
        for (const piece of pieces(random, mutate(random, answer(random)))) socket.write(piece);
        if (random() < 0.5) socket.end();
        else if (random() < 0.3) socket.resetAndDestroy();
      });
    });
    const origin = new HostileOrigin(server);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
    await once(server, 'listening');
    return origin;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}

/** The beginnings of a ServerHello, an alert, and plain text where TLS was asked for. */
function tlsServer(random: () => number): Buffer {
  const hello = [0x16, 3, 3, 0, 0x2a, 2, 0, 0, 0x26, 3, 3, ...Array.from({ length: 32 }, () => 7), 0, 0x13, 1, 0, 0, 0];
  return oneOf(random, [
    Buffer.from(hello),
    Buffer.from([0x15, 3, 3, 0, 2, 2, 40]),
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    noise(random, 200),
  ]);
}
