import { once } from 'node:events';
import { connect as connectH2 } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';
import { tlsThrough } from '../helpers/tls-through.js';

let stack: Stack;
let origin: Origin;
let session: SessionView;

beforeAll(async () => {
  const running = await startStackWithOrigin('interception');
  ({ stack, origin } = running);
  return running.close;
});
beforeEach(async () => {
  session = await stack.api.sessions.create({ insecureUpstream: ['*'], resolve: ['other.test=127.0.0.1'] });
  return () => stack.api.sessions.delete(session.id);
});

const open = (host = 'localhost', protocol = 'http/1.1') =>
  tlsThrough(session.port, { host, port: origin.httpsPort }, { rejectUnauthorized: false, ALPNProtocols: [protocol] });

/** Whether the certificate is the proxy's. */
const isOpened = (tls: TLSSocket): boolean => String(tls.getPeerCertificate().issuer.CN).startsWith('proxyctl');

async function ask(tls: TLSSocket): Promise<string> {
  tls.write('GET /json HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = (await once(tls, 'data')) as [Buffer];
  return answer.toString('latin1').split('\r\n')[0] ?? '';
}

test('the hosts to intercept can be changed while a session runs', async () => {
  const { interception } = stack.api;
  expect(await interception.get(session.id)).toEqual({ intercept: [], noIntercept: [] });
  expect(isOpened(await open())).toBe(true);
  await interception.set(session.id, { noIntercept: ['localhost'] });
  expect(isOpened(await open())).toBe(false);
  expect(isOpened(await open('other.test'))).toBe(true);
  await interception.set(session.id, { intercept: ['localhost'] });
  expect(isOpened(await open())).toBe(true);
  expect(isOpened(await open('other.test'))).toBe(false);
  await interception.set(session.id, {});
  expect(isOpened(await open('other.test'))).toBe(true);
});

test('connections that are open already are let go, so that it holds for the next request; others stay', async () => {
  const [idle, kept, raw] = await Promise.all([open(), open('other.test'), open('localhost', 'h2')]);
  const h2 = connectH2('https://localhost', { createConnection: () => raw });
  onTestFinished(() => h2.destroy());
  await once(h2, 'connect');
  expect(await ask(idle)).toBe('HTTP/1.1 200 OK');
  const gone = Promise.all([once(idle.resume(), 'end'), once(h2, 'goaway')]);
  await stack.api.interception.set(session.id, { noIntercept: ['localhost'] });
  await gone;
  expect(await ask(kept)).toBe('HTTP/1.1 200 OK');
});

test('it holds on after the MITM process was killed', async () => {
  await stack.api.interception.set(session.id, { noIntercept: ['localhost'] });
  const pid = (await stack.api.status()).children.find(({ name }) => name === session.worker)?.pid ?? -1;
  const restored = (async () => {
    const signal = AbortSignal.timeout(15_000);
    for await (const event of stack.api.events({ session: session.id, types: ['session'], since: 0, signal }))
      if (event.type === 'session' && event.action === 'restored') return;
    throw new Error('The session was not restored');
  })();
  process.kill(pid, 'SIGKILL');
  await restored;
  expect(isOpened(await open())).toBe(false);
});

test('a change is an event, and what is no list of hosts is refused', async () => {
  await stack.api.interception.set(session.id, { noIntercept: ['*.bank.example'] });
  const signal = AbortSignal.timeout(10_000);
  for await (const event of stack.api.events({ session: session.id, since: 0, types: ['interception'], signal })) {
    expect(event).toMatchObject({ intercept: [], noIntercept: ['*.bank.example'] });
    break;
  }
  await expect(stack.api.interception.set(session.id, { hosts: ['a'] } as never)).rejects.toThrow(/hosts/);
});
