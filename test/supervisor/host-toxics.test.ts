import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectH2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { AddToxicRequest, SessionView } from '../../src/api/schemas.js';
import type { FaultReceipt } from '../../src/http/index.js';
import { findRecording } from '../../src/store/find-recording.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { Stack } from '../../supervisor/stack.js';
import { patternedBytes, type Origin } from '../helpers/origin.js';
import { eventually } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';
import { tlsThrough } from '../helpers/tls-through.js';

let stack: Stack;
let origin: Origin;
let folder: string;

beforeAll(async () => {
  const running = await startStackWithOrigin('host-toxics');
  ({ stack, origin, folder } = running);
  return running.close;
});

/** Far above what an exchange takes without it, also on a busy machine. */
const delayMs = 400;
const latency = (host: string, ms = delayMs): AddToxicRequest => ({
  type: 'latency',
  attributes: { latency: ms },
  host,
});

const open = (more = {}) =>
  stack.api.sessions.create({
    insecureUpstream: ['*'],
    resolve: ['slow.test=127.0.0.1', 'quick.test=127.0.0.1'],
    ...more,
  });

async function openTls(session: SessionView, host: string, protocol = 'http/1.1'): Promise<TLSSocket> {
  const { pem } = await stack.api.ca();
  return tlsThrough(session.port, { host, port: origin.httpsPort }, { ca: pem, ALPNProtocols: [protocol] });
}

async function ask(tls: TLSSocket, path = '/json'): Promise<{ ms: number; body: Buffer }> {
  const begun = performance.now();
  tls.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  let seen: Buffer = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(tls, 'data')) as [Buffer];
    seen = Buffer.concat([seen, chunk]);
    const head = seen.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(seen.toString('latin1', 0, head))?.[1];
    if (head < 0 || length === undefined || seen.length < head + 4 + Number(length)) continue;
    return { ms: performance.now() - begun, body: seen.subarray(head + 4) };
  }
}

/** By plain HTTP through the proxy, on whatever connections the agent keeps. */
async function plain({ port }: SessionView, host: string, agent: Agent | false = false): Promise<number> {
  const begun = performance.now();
  const request = httpRequest({
    ...{ host: '127.0.0.1', port, agent },
    path: `http://${host}:${origin.httpPort}/json`,
    headers: { host: `${host}:${origin.httpPort}` },
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return performance.now() - begun;
}

async function restart(name: string): Promise<void> {
  const pid = (await stack.api.status()).children.find((child) => child.name === name)?.pid ?? -1;
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => stack.api.status(),
    ({ children, sessions }) =>
      children.some((child) => child.name === name && child.state === 'ready' && child.pid !== pid) &&
      sessions.every(({ state }) => state === 'ready'),
    15_000,
  );
}

test('connections to its host meet it and others do not, by TLS as by plain HTTP, also after restarts of either child', async () => {
  const session = await open();
  const [toxic] = await stack.api.toxics.add(session.id, latency('slow.test'));
  expect(toxic).toMatchObject({ name: 'latency_downstream_slow.test', host: 'slow.test' });
  const check = async (): Promise<void> => {
    const [slow, quick] = await Promise.all([openTls(session, 'slow.test'), openTls(session, 'quick.test')]);
    const times = await Promise.all([ask(slow), ask(quick), plain(session, 'slow.test'), plain(session, 'quick.test')]);
    expect(times[0].ms).toBeGreaterThanOrEqual(delayMs - 1);
    expect(times[1].ms).toBeLessThan(delayMs);
    expect(times[2]).toBeGreaterThanOrEqual(delayMs - 1);
    expect(times[3]).toBeLessThan(delayMs);
  };
  await check();
  await restart('toxiproxy');
  await check();
  await restart('mitm');
  await check();
  expect(await stack.api.toxics.reset(session.id)).toBe(1);
  expect((await ask(await openTls(session, 'slow.test'))).ms).toBeLessThan(delayMs);
});

test('clients of SOCKS 5 meet it for that host alone', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, latency('slow.test'));
  const ms = async (host: string): Promise<number> => {
    const begun = performance.now();
    const socket = connect(session.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const port = origin.httpPort;
    const name = Buffer.concat([
      Buffer.of(5, 1, 0, 3, host.length),
      Buffer.from(host),
      Buffer.of(port >> 8, port & 255),
    ]);
    socket.write(Buffer.concat([Buffer.of(5, 1, 0), name, Buffer.from('GET /json HTTP/1.1\r\nHost: x\r\n\r\n')]));
    for (let seen = ''; !seen.includes('HTTP/1.1 200 OK');)
      seen += ((await once(socket, 'data')) as [Buffer])[0].toString('latin1');
    return performance.now() - begun;
  };
  expect(await ms('quick.test')).toBeLessThan(delayMs);
  expect(await ms('slow.test')).toBeGreaterThanOrEqual(delayMs - 1);
});

test('a client that keeps one plain connection for all hosts meets it for that host alone', async () => {
  const session = await open();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect(await plain(session, 'quick.test', agent)).toBeLessThan(delayMs);
  await stack.api.toxics.add(session.id, latency('slow.test'));
  await plain(session, 'quick.test', agent); // may still be on the connection from before, which ends with it
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await plain(session, 'slow.test', agent)).toBeGreaterThanOrEqual(delayMs - 1);
    expect(await plain(session, 'quick.test', agent)).toBeLessThan(delayMs);
  }
});

test('connections from before are let go: idle ones at once, HTTP/2 by GOAWAY; others stay', async () => {
  const session = await open();
  const [slow, quick] = await Promise.all([openTls(session, 'slow.test'), openTls(session, 'quick.test')]);
  const h2 = await openTls(session, 'slow.test', 'h2');
  const client = connectH2('https://slow.test', { createConnection: () => h2 });
  onTestFinished(() => client.destroy());
  await once(client, 'connect');
  await Promise.all([ask(slow), ask(quick)]);
  const ended = Promise.all([once(slow.resume(), 'end'), once(client, 'goaway')]);
  await stack.api.toxics.add(session.id, latency('*.test'));
  await ended;
  // That pattern takes both; the one of another session stays.
  const other = await open();
  const kept = await openTls(other, 'quick.test');
  await stack.api.toxics.add(other.id, latency('slow.test'));
  expect((await ask(kept)).ms).toBeLessThan(delayMs);
});

test('a host that several patterns take meets the toxics of all, and bytes pass unharmed', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, latency('*.test', 200));
  await stack.api.toxics.add(session.id, latency(`slow.test:${origin.httpsPort}`, 250));
  const { ms, body } = await ask(await openTls(session, 'slow.test'), '/bytes/3000000');
  expect(ms).toBeGreaterThanOrEqual(449);
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  expect(digest(body)).toBe(digest(patternedBytes(3_000_000)));
});

test('packets get lost on the way to its host alone, and the receipts of its exchanges alone say so', async () => {
  const store = join(folder, 'store');
  const session = await open({ mode: 'record', testId: 'hosts', store });
  const attributes = { loss: '20%', rtt: '4ms', seed: 5 };
  await stack.api.toxics.add(session.id, { type: 'packet-loss', attributes, host: 'slow.test' });
  await stack.api.toxics.add(session.id, latency('slow.test', 10));
  await ask(await openTls(session, 'slow.test'), '/bytes/200000');
  await ask(await openTls(session, 'quick.test'), '/bytes/200000');
  await stack.api.sessions.endRecording(session.id, { verdict: 'publish' });
  const { session: ended } = await stack.api.sessions.delete(session.id);
  expect(ended.network?.packetsLost).toBeGreaterThan(15);
  const opened = folderStore(store);
  const { ref } = await findRecording(opened, { testId: 'hosts', appVersion: 'default' }, 'exact');
  const { entries } = await openRecording(opened, ref);
  const [slow, quick] = entries.map(({ _proxyctl }) => _proxyctl?.faults as FaultReceipt[] | undefined);
  expect(quick).toBeUndefined();
  expect(slow?.map(({ toxic }) => toxic)).toEqual([
    'latency_downstream_slow.test',
    'network',
    'packet-loss_downstream_slow.test',
  ]);
});

test('what others change at the proxy of a host is seen, and a toxic that acts on the whole session has no host', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, latency('slow.test', 10));
  const url = (await stack.api.status()).children.find(({ name }) => name === 'toxiproxy')?.url ?? '';
  const theirs = { name: 'theirs', type: 'bandwidth', stream: 'upstream', attributes: { rate: 100 } };
  const answer = await fetch(`${url}/proxies/${encodeURIComponent(`${session.id}@slow.test`)}/toxics`, {
    method: 'POST',
    body: JSON.stringify(theirs),
  });
  expect(answer.status).toBe(200);
  const listed = await stack.api.toxics.list(session.id);
  expect(listed).toHaveLength(2);
  expect(listed.find(({ name }) => name === 'theirs')).toMatchObject({ host: 'slow.test', foreign: true });
  await expect(stack.api.toxics.add(session.id, { type: 'down', host: 'slow.test' })).rejects.toThrow(
    'Toxic down acts on the whole session, not on one host',
  );
  await expect(stack.api.toxics.add(session.id, latency('slow test'))).rejects.toThrow(/a host is a name/);
});
