import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from '../proxy/certificate-authority.js';

/** Bytes of `/photo`: a second and a half at 200 kB/s. */
export const photoBytes = 300_000;

/**
 * A small shop with TLS: what the demo's client talks to. Its certificate is signed by an authority of its own, as in
 * many companies. `/products?page=N` never changes, `/order` is another one each time and says when it was placed,
 * `/photo` is large.
 */
export class DemoBackend implements AsyncDisposable {
  readonly caFile: string;
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, caFile: string) {
    this.#server = server;
    this.caFile = caFile;
    this.url = `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** `folder`: where its certificate authority goes. */
  static async start(folder: string): Promise<DemoBackend> {
    const ca = await CertificateAuthority.open(folder);
    const photo = Buffer.alloc(photoBytes, 'proxyctl ');
    let orders = 0;
    const server = createServer(
      { SNICallback: (name, done) => done(null, ca.contextFor(name)) },
      (request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
        if (pathname === '/photo') {
          response.setHeader('content-type', 'image/x-demo');
          return void response.end(photo);
        }
        response.setHeader('content-type', 'application/json');
        const answer =
          pathname === '/order'
            ? { order: (orders += 1), placedAt: new Date().toISOString() }
            : { path: pathname, page: searchParams.get('page') };
        return void response.end(JSON.stringify(answer));
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new DemoBackend(server, ca.certPath);
  }

  /** Gone: whoever connects now is refused. May be called twice. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
