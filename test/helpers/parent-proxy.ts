import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { TestCertificate } from './test-certificate.js';

export interface ParentProxyOptions {
  /** `user:password` that it wants. */
  credentials?: string;
  /** It speaks TLS itself. */
  certificate?: TestCertificate;
  /** What it answers every CONNECT with, instead of opening a tunnel. */
  refuseConnect?: string;
}

/** A forward proxy as companies have them: CONNECT and absolute form, on loopback. It ends with the test. */
export async function startParentProxy({ credentials, certificate, refuseConnect }: ParentProxyOptions = {}) {
  /** First lines of the requests that it took: `CONNECT a:443`, `GET http://a/`. */
  const asked: string[] = [];
  const open = new Set<Socket>();
  const allowed = (request: IncomingMessage): boolean =>
    credentials === undefined ||
    request.headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`;

  const forward: RequestListener = (request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (!allowed(request)) {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="test"' }).end('who are you?');
      return;
    }
    const { 'proxy-authorization': _ours, ...headers } = request.headers;
    const onward = httpRequest(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    request.pipe(onward);
  };
  const server =
    certificate === undefined
      ? createServer(forward)
      : createTlsServer({ cert: certificate.cert, key: certificate.key }, forward);
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    client.on('error', () => undefined);
    if (!allowed(request) || refuseConnect !== undefined) {
      client.end(`HTTP/1.1 ${refuseConnect ?? '407 Proxy Authentication Required'}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\nX-Odd: 1\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    server.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const scheme = certificate === undefined ? 'http' : 'https';
  return { asked, port, url: (user = '') => `${scheme}://${user === '' ? '' : `${user}@`}127.0.0.1:${port}` };
}
