import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectH2, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { Stack } from '../../supervisor/stack.js';
import { patternedBytes, type Origin } from '../helpers/origin.js';
import { eventually } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';
import { tlsThrough } from '../helpers/tls-through.js';

let stack: Stack;
let origin: Origin;

beforeAll(async () => {
  const running = await startStackWithOrigin('packet-loss');
  ({ stack, origin } = running);
  return running.close;
});

interface Answer {
  ms: number;
  sha256: string;
  text: string;
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** One exchange by plain HTTP through a session's proxy; on a connection of its own unless it is given an agent. */
async function ask(session: SessionView, path = '/json', { body, agent }: { body?: Buffer; agent?: Agent } = {}) {
  const begun = performance.now();
  const request = httpRequest({
    host: '127.0.0.1',
    port: session.port,
    method: body === undefined ? 'GET' : 'POST',
    path: origin.httpUrl(path),
    agent: agent ?? false,
    headers: { host: `127.0.0.1:${origin.httpPort}`, ...(body === undefined ? {} : { 'content-length': body.length }) },
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const data = Buffer.concat(chunks);
  return { ms: performance.now() - begun, sha256: sha256(data), text: data.toString() } satisfies Answer;
}

async function inSession(use: (session: SessionView) => Promise<void>): Promise<void> {
  const session = await stack.api.sessions.create({ insecureUpstream: ['*'] });
  try {
    await use(session);
  } finally {
    await stack.api.sessions.delete(session.id);
  }
}

/** Which of so many exchanges, each on a new connection, met a time-out (200 ms at least). */
async function delays(session: SessionView, count: number): Promise<string> {
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const { ms } = await ask(session);
    text += ms >= 1000 ? 'S' : ms >= 200 ? 's' : '.';
  }
  return text;
}

test('lost packets delay exchanges by time-outs, alike for the same seed, and no more once the toxic is gone', () =>
  inSession((one) =>
    inSession(async (two) => {
      const toxic = { type: 'packet-loss', stream: 'both' as const, attributes: { loss: '10%', rtt: '2ms', seed: 11 } };
      const added = await stack.api.toxics.add(one.id, toxic);
      expect(added).toMatchObject([
        { name: 'packet-loss_upstream', kind: 'modelled', attributes: { loss: 0.1, seed: 11 } },
        { name: 'packet-loss_downstream', kind: 'modelled' },
      ]);
      await stack.api.toxics.add(two.id, toxic);
      const [first, second] = await Promise.all([delays(one, 12), delays(two, 12)]);
      expect(first).toMatch(/s/i);
      expect(first).toMatch(/\./);
      expect(second).toBe(first);
      const { network } = await eventually(
        () => stack.api.sessions.get(one.id),
        (view) => view.network?.connections === 12,
        5000,
      );
      expect(network?.packetsLost).toBeGreaterThan(0);
      expect(network?.stalls).toBeGreaterThan(0);
      expect(network?.heldMs).toBeGreaterThanOrEqual(200);
      expect(await stack.api.toxics.reset(one.id)).toBe(2);
      expect(await delays(one, 12)).toBe('.'.repeat(12));
    }),
  ));

test('what is lost is decided anew by another seed', () =>
  inSession(async (session) => {
    const patterns = new Set<string>();
    for (const seed of [1, 2, 3]) {
      await stack.api.toxics.add(session.id, { type: 'packet-loss', attributes: { loss: '20%', rtt: '2ms', seed } });
      patterns.add(await delays(session, 8));
      await stack.api.toxics.reset(session.id);
    }
    expect(patterns.size).toBeGreaterThan(1);
  }));

test('20 MB pass both ways unharmed while losses come, change and go', () =>
  inSession(async (session) => {
    const data = patternedBytes(20_000_000);
    const attributes = { loss: '1%', rtt: '2ms' };
    await stack.api.toxics.add(session.id, { type: 'packet-loss', stream: 'both', attributes });
    let running = true;
    const change = async (): Promise<void> => {
      for (let turn = 0; running; turn += 1) {
        const loss = (turn % 3) / 100;
        await stack.api.toxics.update(session.id, 'packet-loss_downstream', { attributes: { loss } });
        await stack.api.toxics.remove(session.id, 'packet-loss_upstream');
        await stack.api.toxics.add(session.id, { type: 'packet-loss', stream: 'upstream', attributes });
      }
    };
    const changes = change();
    const [down, up] = await Promise.all([ask(session, '/bytes/20000000'), ask(session, '/echo', { body: data })]);
    running = false;
    await changes;
    expect(down.sha256).toBe(sha256(data));
    expect(JSON.parse(up.text)).toMatchObject({ length: data.length, sha256: sha256(data) });
  }));

test('a loss that is added, changed or removed acts on a connection that stays open', () =>
  inSession(async (session) => {
    expect((await stack.api.sessions.get(session.id)).network).toBeUndefined();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const add = (loss: string) =>
      stack.api.toxics.add(session.id, { type: 'packet-loss', attributes: { loss, rtt: '2ms', seed: 3 } });
    await ask(session, '/json', { agent }); // older than any toxic: a socket without a stage
    const [socket] = Object.values(agent.freeSockets)[0] as [Socket];
    /** The longest of some exchanges, all on the same connection. */
    const longest = async (): Promise<number> => {
      const times: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) times.push((await ask(session, '/json', { agent })).ms);
      expect(Object.values(agent.freeSockets)[0]).toEqual([socket]);
      return Math.max(...times);
    };
    expect(await longest()).toBeLessThan(150);
    await add('0%');
    expect(await longest()).toBeLessThan(150);
    await stack.api.toxics.update(session.id, 'packet-loss_downstream', { attributes: { loss: '30%' } });
    expect(await longest()).toBeGreaterThan(200);
    await stack.api.toxics.remove(session.id, 'packet-loss_downstream');
    expect(await longest()).toBeLessThan(150);
    await add('30%');
    expect(await longest()).toBeGreaterThan(200);
    agent.destroy();
  }));

/** A connection in TLS through the session's proxy. */
async function openTls(session: SessionView, protocol = 'http/1.1'): Promise<TLSSocket> {
  const { pem } = await stack.api.ca();
  const place = { host: 'localhost', port: origin.httpsPort };
  return tlsThrough(session.port, place, { ca: pem, ALPNProtocols: [protocol] });
}

async function download(tls: TLSSocket, bytes: number): Promise<string> {
  tls.write(`GET /bytes/${bytes} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of tls as AsyncIterable<Buffer>) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  expect(all.toString('latin1', 0, 12)).toBe('HTTP/1.1 200');
  return sha256(all.subarray(all.indexOf('\r\n\r\n') + 4));
}

test('TLS through CONNECT passes it unharmed, on a connection from before as on a new one', () =>
  inSession(async (session) => {
    const before = await openTls(session);
    await stack.api.toxics.add(session.id, {
      type: 'packet-loss',
      stream: 'both',
      attributes: { loss: '1%', rtt: '100ms', seed: 4 },
    });
    const expected = sha256(patternedBytes(1_000_000));
    const begun = performance.now();
    expect(await download(before, 1_000_000)).toBe(expected);
    expect(performance.now() - begun).toBeGreaterThan(500); // a window of 10 segments grows over several round trips
    expect(await download(await openTls(session), 1_000_000)).toBe(expected);
  }));

test('HTTP/2 passes it unharmed; a connection from before takes no more requests, so that clients open one that meets it', () =>
  inSession(async (session) => {
    const open = async (): Promise<ClientHttp2Session> => {
      const tls = await openTls(session, 'h2');
      const client = connectH2(`https://localhost:${origin.httpsPort}`, { createConnection: () => tls });
      onTestFinished(() => client.destroy());
      return client;
    };
    const get = async (client: ClientHttp2Session): Promise<{ ms: number; sha256: string }> => {
      const begun = performance.now();
      const chunks: Buffer[] = [];
      for await (const chunk of client.request({ ':path': '/bytes/1000000' }) as AsyncIterable<Buffer>)
        chunks.push(chunk);
      return { ms: performance.now() - begun, sha256: sha256(Buffer.concat(chunks)) };
    };
    const expected = sha256(patternedBytes(1_000_000));
    const before = await open();
    expect((await get(before)).sha256).toBe(expected);
    const retired = once(before, 'goaway');
    const attributes = { loss: '1%', rtt: '100ms', seed: 4 };
    await stack.api.toxics.add(session.id, { type: 'packet-loss', stream: 'both', attributes });
    await retired;
    const after = await get(await open());
    expect(after.sha256).toBe(expected);
    expect(after.ms).toBeGreaterThan(500);
  }));

test('it comes back when the MITM process was killed', () =>
  inSession(async (session) => {
    await stack.api.toxics.add(session.id, {
      type: 'packet-loss',
      stream: 'both',
      attributes: { loss: '10%', rtt: '2ms', seed: 11 },
    });
    const before = await delays(session, 6);
    expect(before).toMatch(/s/i);
    const pid = (await stack.api.status()).children.find(({ name }) => name === 'mitm')?.pid ?? -1;
    process.kill(pid, 'SIGKILL');
    await eventually(
      () => stack.api.status(),
      ({ children, sessions }) =>
        children.some((child) => child.name === 'mitm' && child.state === 'ready' && child.pid !== pid) &&
        sessions.every(({ state }) => state === 'ready'),
      15_000,
    );
    // A new process begins its connections anew, so that they meet what the first ones met.
    expect(await delays(session, 6)).toBe(before);
  }));
