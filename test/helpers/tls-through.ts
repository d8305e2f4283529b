import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A connection in TLS through a session's proxy, by CONNECT to `host:port`. Gone when the test has ended. */
export async function tlsThrough(
  proxyPort: number,
  { host, port }: { host: string; port: number },
  options: ConnectionOptions,
): Promise<TLSSocket> {
  const raw = connect(proxyPort, '127.0.0.1');
  raw.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const [reply] = (await once(raw, 'data')) as [Buffer];
  if (!reply.toString('latin1').startsWith('HTTP/1.1 200 '))
    throw new Error(`The proxy answered: ${reply.toString('latin1')}`);
  const tls = connectTls({ socket: raw, servername: host, ALPNProtocols: ['http/1.1'], ...options });
  onTestFinished(() => void tls.destroy());
  tls.on('error', () => undefined);
  await once(tls, 'secureConnect');
  return tls;
}
