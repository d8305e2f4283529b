import type { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { HttpRequest, HttpResponse, RawHeaders } from '../../../../src/http/index.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../../../../src/proxy/upstream/upstream.js';
import { exchangeOf, type TestExchange } from '../../../helpers/exchange.js';
import { startParentProxy } from '../../../helpers/parent-proxy.js';
import { RawServer } from '../../../helpers/raw-server.js';
import { makeTestCertificate, type TestCertificate } from '../../../helpers/test-certificate.js';

let certificate: TestCertificate;
beforeAll(async () => {
  certificate = await makeTestCertificate(['localhost', '127.0.0.1', 'api.test']);
});

function start(options: UpstreamOptions): Upstream {
  const upstream = createUpstream({ upstreamCa: [certificate.ca], ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}

/** A backend that answers each request with its first line. */
function serve(tls = false): Promise<RawServer> {
  return RawServer.start(
    async (connection) => {
      for (;;) {
        const { line } = await connection.head();
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${line.length}\r\n\r\n${line}`);
      }
    },
    tls ? { tls: { cert: certificate.cert, key: certificate.key } } : {},
  );
}

function ask(port: number, request: Partial<HttpRequest> = {}): TestExchange {
  const host = request.host ?? '127.0.0.1';
  const headers: RawHeaders = ['Host', `${host}:${port}`];
  return exchangeOf(0, { scheme: 'http', host, port, target: '/x?y=1', headers, ...request }, { notes: {} });
}

async function text(response: HttpResponse): Promise<string> {
  return (await response.body.bytes()).data.toString('latin1');
}

describe('a parent proxy', () => {
  test('is asked in absolute form for plain HTTP, with its credentials, on connections that stay', async () => {
    const proxy = await startParentProxy({ credentials: 'me:p@ss:word' });
    const server = await serve();
    const upstream = start({ upstreamProxy: proxy.url('me:p%40ss%3Aword') });
    for (let i = 0; i < 2; i += 1) {
      expect(await text(await upstream.handle(ask(server.port)))).toBe('GET /x?y=1 HTTP/1.1');
    }
    expect(proxy.asked).toEqual(Array(2).fill(`GET http://127.0.0.1:${server.port}/x?y=1`));
    expect(upstream.connectionsOpened()).toBe(1);
  });

  test('carries HTTPS in a tunnel, by TLS of its own too, and the backend’s certificate is still verified', async () => {
    const server = await serve(true);
    for (const options of [{}, { certificate }]) {
      const proxy = await startParentProxy(options);
      const exchange = ask(server.port, { scheme: 'https', host: 'localhost' });
      expect(await text(await start({ upstreamProxy: proxy.url() }).handle(exchange))).toBe('GET /x?y=1 HTTP/1.1');
      expect(proxy.asked).toEqual([`CONNECT localhost:${server.port}`]);
      const { connectEnd, tlsStart } = exchange.timings;
      expect(connectEnd).toBeLessThanOrEqual(tlsStart ?? 0);
      const distrusting = start({ upstreamProxy: proxy.url(), upstreamCa: [] });
      await expect(distrusting.handle(ask(server.port, { scheme: 'https' }))).rejects.toMatchObject({
        details: { kind: 'tls' },
      });
    }
  });

  test('carries tunnels too', async () => {
    const proxy = await startParentProxy();
    const server = await RawServer.start((connection) => connection.write('220 hello\r\n'));
    const socket = await start({ upstreamProxy: proxy.url() }).connect('127.0.0.1', server.port);
    socket.resume();
    expect(String((await once(socket, 'data'))[0])).toBe('220 hello\r\n');
    socket.destroy();
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${server.port}`]);
  });

  test('is gone past for the hosts that are exempt', async () => {
    const proxy = await startParentProxy();
    const server = await serve();
    const upstream = start({ upstreamProxy: proxy.url(), upstreamProxyBypass: ['.test', '127.0.0.1'] });
    await text(await upstream.handle(ask(server.port)));
    expect(proxy.asked).toEqual([]);
  });

  test('that wants credentials is told from a backend that does', async () => {
    const proxy = await startParentProxy({ credentials: 'me:secret' });
    const server = await serve(true);
    for (const scheme of ['http', 'https'] as const) {
      for (const [user, why] of [
        ['', 'none in --upstream-proxy'],
        ['me:wrong', 'does not take ours'],
      ]) {
        const failed = start({ upstreamProxy: proxy.url(user) }).handle(ask(server.port, { scheme }));
        await expect(failed).rejects.toMatchObject({
          details: { kind: 'refused', phase: 'connect' },
          message: expect.stringMatching(
            new RegExp(`127.0.0.1:${proxy.port} wants credentials \\(407\\).*${why}`),
          ) as string,
        });
      }
    }
  });

  test('that refuses a tunnel, or cannot be reached, is named', async () => {
    const proxy = await startParentProxy({ refuseConnect: '403 Forbidden' });
    await expect(
      start({ upstreamProxy: proxy.url() }).handle(ask(443, { scheme: 'https', host: 'api.test' })),
    ).rejects.toMatchObject({
      details: { kind: 'refused', host: 'api.test' },
      message: expect.stringContaining(
        `the proxy 127.0.0.1:${proxy.port} answered CONNECT with "HTTP/1.1 403 Forbidden"`,
      ) as string,
      hint: expect.stringContaining('--upstream-proxy-bypass api.test') as string,
    });
    await expect(
      start({ upstreamProxy: 'http://127.0.0.1:1' }).handle(ask(443, { scheme: 'https', host: 'api.test' })),
    ).rejects.toMatchObject({ details: { kind: 'refused', port: 1 } });
  });

  test.each(['proxy.example:3128', 'socks5://proxy.example', 'http//x'])('%s is no URL of a proxy', (url) => {
    expect(() => createUpstream({ upstreamProxy: url })).toThrow(
      /--upstream-proxy: .* is not the URL of an HTTP proxy/,
    );
  });

  test('a password is not in the message about its URL', () => {
    expect(() => createUpstream({ upstreamProxy: 'socks5://me:secret@proxy.example' })).toThrow(/^(?!.*secret)/);
  });
});

describe('an address that is given', () => {
  test('is connected to, while TLS and the request speak of the host', async () => {
    const server = await serve(true);
    const upstream = start({ resolve: [`other.test=127.0.0.2`, `api.test:443=127.0.0.1:${server.port}`] });
    const exchange = ask(443, { scheme: 'https', host: 'api.test' });
    expect(await text(await upstream.handle(exchange))).toBe('GET /x?y=1 HTTP/1.1');
    expect(exchange.notes).toMatchObject({ serverAddress: '127.0.0.1', serverPort: server.port });
  });

  test('leaves the port as it was asked for where it names none, and other ports alone where it names one', async () => {
    const server = await serve();
    const upstream = start({ resolve: ['api.test=127.0.0.1', 'localhost:1=203.0.113.1'] });
    await text(await upstream.handle(ask(server.port, { host: 'api.test' })));
    await text(await upstream.handle(ask(server.port, { host: 'localhost' })));
    expect(server.connections).toBe(2);
  });

  test.each(['api.test', 'api.test=', '=127.0.0.1', 'a=b=c', 'api.test:x=127.0.0.1'])('%s is no such rule', (rule) => {
    expect(() => createUpstream({ resolve: [rule] })).toThrow(/--resolve: .* is not HOST/);
  });
});

describe('a client certificate', () => {
  test('is shown to the hosts that it is for, and to no others', async () => {
    const seen: (string | undefined)[] = [];
    const server = await RawServer.start(
      async (connection) => {
        await connection.head();
        connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      },
      {
        tls: {
          cert: certificate.cert,
          key: certificate.key,
          ca: [certificate.ca],
          requestCert: true,
          rejectUnauthorized: false,
        },
      },
    );
    server.server.on('secureConnection', (socket: ReturnType<typeof connectTls>) => {
      const shown = socket.getPeerCertificate();
      seen.push(Object.keys(shown).length === 0 ? undefined : String(shown.subject.CN));
    });
    const upstream = start({
      clientCertificates: [{ host: 'localhost', pem: `${certificate.cert}\n${certificate.key}` }],
    });
    for (const host of ['localhost', '127.0.0.1']) {
      expect(await text(await upstream.handle(ask(server.port, { scheme: 'https', host })))).toBe('ok');
    }
    expect(seen).toEqual(['test origin', undefined]);
  });

  test('that cannot be used is a clear error', async () => {
    const server = await serve(true);
    const upstream = start({ clientCertificates: [{ host: '*', pem: 'hello' }] });
    await expect(upstream.handle(ask(server.port, { scheme: 'https' }))).rejects.toMatchObject({
      code: 'PROXYCTL_CONFIG',
      message: expect.stringContaining('--client-cert') as string,
    });
  });
});
