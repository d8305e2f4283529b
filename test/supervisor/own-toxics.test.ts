import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '../../src/api/schemas.js';
import type { FaultReceipt } from '../../src/http/index.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually as within } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';
import { tlsThrough } from '../helpers/tls-through.js';

let stack: Stack;
let origin: Origin;
let folder: string;

beforeAll(async () => {
  const before = process.env['NODE_OPTIONS'];
  // The MITM process is to know names below `.test`.
  process.env['NODE_OPTIONS'] = `--require=${fileURLToPath(new URL('../helpers/loopback-names.cjs', import.meta.url))}`;
  const running = await startStackWithOrigin('own-toxics');
  ({ stack, origin, folder } = running);
  return async () => {
    await running.close();
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  };
});

const eventually = <T>(look: () => T | Promise<T>, isSo: (value: T) => boolean): Promise<T> =>
  within(look, isSo, 15_000);

const open = (more = {}): Promise<SessionView> =>
  stack.api.sessions.create({ history: true, insecureUpstream: ['*'], ...more });

/** How one request on a connection of its own ended: its time in ms, or the error's code. */
async function ask({ port }: SessionView, host = '127.0.0.1', agent: Agent | false = false): Promise<number | string> {
  const begun = performance.now();
  const request = httpRequest({
    ...{ host: '127.0.0.1', port, agent },
    path: `http://${host}:${origin.httpPort}/json`,
    headers: { host: `${host}:${origin.httpPort}` },
  });
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return performance.now() - begun;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** `x` for each of so many requests that ended without a response, `.` for the others. */
async function fates(session: SessionView, count: number, host?: string): Promise<string> {
  let text = '';
  for (let index = 0; index < count; index += 1) text += typeof (await ask(session, host)) === 'string' ? 'x' : '.';
  return text;
}

async function restart(name: string): Promise<void> {
  const pid = (await stack.api.status()).children.find((child) => child.name === name)?.pid ?? -1;
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => stack.api.status(),
    ({ children, sessions }) =>
      children.some((child) => child.name === name && child.state === 'ready' && child.pid !== pid) &&
      sessions.every(({ state }) => state === 'ready'),
  );
}

const stateOf = async ({ id }: SessionView, name: string): Promise<unknown> =>
  (await stack.api.toxics.list(id)).find((toxic) => toxic.name === name)?.state;

const receiptsOf = async ({ id }: SessionView): Promise<FaultReceipt[][]> =>
  (await stack.api.har(id)).log.entries.map(({ _proxyctl }) => (_proxyctl?.faults ?? []) as FaultReceipt[]);

const refuse = (connections: number, more = {}) => ({ type: 'refuse-first', attributes: { connections }, ...more });
const dnsDelay = (delay: number, more = {}) => ({ type: 'dns-delay', attributes: { delay }, ...more });
/** Far above what an exchange takes without it, also on a busy machine. */
const delayMs = 1500;

test('the first connections are reset and the next are served, and the toxic tells how many', async () => {
  const session = await open();
  expect(await stack.api.toxics.add(session.id, refuse(3))).toEqual([
    {
      ...{ name: 'refuse-first', type: 'refuse-first', kind: 'modelled', toxicity: 1, foreign: false },
      attributes: { connections: 3 },
    },
  ]);
  expect(await fates(session, 5)).toBe('xxx..');
  await eventually(
    () => stateOf(session, 'refuse-first'),
    (state) => JSON.stringify(state) === '{"reset":3}',
  );
});

test('a client that sends nothing is cut, too', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, refuse(1));
  const socket = connect({ port: session.port, host: '127.0.0.1' })
    .on('error', () => undefined)
    .resume();
  await once(socket, 'close');
  expect(await fates(session, 1)).toBe('.');
});

test('it counts connections and not requests, and leaves open ones alone', async () => {
  const session = await open();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(session, undefined, agent)).toBeTypeOf('number');
  await stack.api.toxics.add(session.id, refuse(1));
  expect(await ask(session, undefined, agent)).toBeTypeOf('number');
  expect(await fates(session, 2)).toBe('x.');
  agent.destroy();
});

test('a higher number goes on counting, and one that was added again begins anew', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, refuse(1));
  expect(await fates(session, 2)).toBe('x.');
  await stack.api.toxics.update(session.id, 'refuse-first', { attributes: { connections: 2 } });
  expect(await fates(session, 2)).toBe('x.');
  await stack.api.toxics.remove(session.id, 'refuse-first');
  expect(await fates(session, 1)).toBe('.');
  await stack.api.toxics.add(session.id, refuse(1));
  expect(await fates(session, 2)).toBe('x.');
});

test('it goes on where it was after restarts of either child', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, refuse(3));
  expect(await fates(session, 1)).toBe('x');
  await eventually(
    () => stateOf(session, 'refuse-first'),
    (state) => JSON.stringify(state) === '{"reset":1}',
  );
  await restart('mitm');
  expect(await fates(session, 1)).toBe('x');
  await restart('toxiproxy');
  expect(await fates(session, 2)).toBe('x.');
});

test('for one host, only its connections are counted and reset', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, refuse(2, { host: 'cut.test' }));
  expect(await fates(session, 1, 'whole.test')).toBe('.');
  expect(await fates(session, 3, 'cut.test')).toBe('xx.');
  expect(await fates(session, 1, 'whole.test')).toBe('.');
});

test('one that waits for its time resets nothing before, and goes by itself', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, refuse(1000, { after: '300ms', for: '500ms' }));
  expect(await fates(session, 1)).toBe('.');
  await eventually(
    () => ask(session),
    (outcome) => typeof outcome === 'string',
  );
  await eventually(
    () => stack.api.toxics.list(session.id),
    (toxics) => toxics.length === 0,
  );
  expect(await fates(session, 1)).toBe('.');
});

test('the first lookup of each name takes longer, and those of addresses and of known names do not', async () => {
  const session = await open();
  expect(await ask(session, 'known.test')).toBeLessThan(delayMs);
  await stack.api.toxics.add(session.id, dnsDelay(delayMs));
  expect(await ask(session, 'known.test')).toBeLessThan(delayMs);
  expect(await ask(session, '127.0.0.1')).toBeLessThan(delayMs);
  expect(await ask(session, 'first.test')).toBeGreaterThanOrEqual(delayMs - 1);
  expect(await ask(session, 'First.Test.')).toBeLessThan(delayMs);
  const both = await Promise.all([ask(session, 'second.test'), ask(session, 'second.test')]);
  for (const ms of both) expect(ms).toBeGreaterThan(delayMs / 2);
  expect(await ask(session, 'second.test')).toBeLessThan(delayMs);
});

test('the exchange that waited for its lookup says so, and the others do not', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, dnsDelay(delayMs));
  for (const host of ['one.test', 'one.test']) await ask(session, host);
  const [first = [], second] = await eventually(
    () => receiptsOf(session),
    ([met = []]) => met.length > 0,
  );
  expect(first).toEqual([
    {
      ...{ toxic: 'dns-delay', type: 'dns-delay', kind: 'modelled' },
      delayMs,
      settings: { delay: delayMs, jitter: 0 },
    },
  ]);
  expect(second).toEqual([]);
});

test('a name that was resolved stays so when the MITM process was killed, and the others are still late', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, dnsDelay(delayMs));
  expect(await ask(session, 'before.test')).toBeGreaterThanOrEqual(delayMs - 1);
  // What is told then has the name in it.
  await eventually(
    () => stack.api.sessions.get(session.id),
    ({ counters }) => counters.exchanges === 1 && counters.inFlight === 0,
  );
  await restart('mitm');
  expect(await ask(session, 'before.test')).toBeLessThan(delayMs);
  expect(await ask(session, 'after.test')).toBeGreaterThanOrEqual(delayMs - 1);
});

test('by TLS, and for the hosts that it is for alone', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, dnsDelay(delayMs, { host: '*.slow.test' }));
  const { pem } = await stack.api.ca();
  const times: number[] = [];
  for (const host of ['a.slow.test', 'a.quick.test']) {
    const tls = await tlsThrough(session.port, { host, port: origin.httpsPort }, { ca: pem });
    const begun = performance.now();
    tls.write('GET /json HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(tls, 'data');
    times.push(performance.now() - begun);
    tls.destroy();
  }
  expect(times[0]).toBeGreaterThanOrEqual(delayMs - 1);
  expect(times[1]).toBeLessThan(delayMs);
});

test.each(['stream', 'toxicity'])('a toxic without a direction refuses %s by name', async (name) => {
  const session = await open();
  const value = name === 'stream' ? { stream: 'upstream' as const } : { toxicity: 0.5 };
  for (const toxic of [refuse(1), dnsDelay(1), { type: 'down' }])
    await expect(stack.api.toxics.add(session.id, { ...toxic, ...value })).rejects.toMatchObject({
      code: 'PROXYCTL_USAGE',
      message: expect.stringContaining(`Toxic ${toxic.type} has no ${name}`) as string,
    });
  expect(await stack.api.toxics.list(session.id)).toEqual([]);
});

test('down is a toxic like others: listed, once, and gone with a reset', async () => {
  const session = await open();
  await stack.api.toxics.add(session.id, { type: 'down' });
  await stack.api.toxics.add(session.id, { type: 'down', for: '1h' });
  const view = await stack.api.sessions.get(session.id);
  expect(view).toMatchObject({ enabled: false, down: { endsAt: expect.any(String) as string } });
  expect(view.toxics).toMatchObject([{ name: 'down', type: 'down' }]);
  expect(await ask(session)).toBe('ECONNREFUSED');
  expect(await stack.api.toxics.reset(session.id)).toBe(1);
  expect(await stack.api.sessions.get(session.id)).toMatchObject({ enabled: true, toxics: [] });
  expect(await ask(session)).toBeTypeOf('number');
});

test('an exchange that down has cut names it', async () => {
  const session = await open();
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const slow = httpRequest({ host: '127.0.0.1', port: session.port, path: `http://127.0.0.1:${port}/` });
  slow.on('error', () => undefined).end();
  await eventually(
    () => stack.api.sessions.get(session.id),
    ({ counters }) => counters.inFlight > 0,
  );
  await stack.api.toxics.add(session.id, { type: 'down' });
  const met = await eventually(
    () => receiptsOf(session),
    (all) => all.some((receipts) => receipts.length > 0),
  );
  expect(met.flat()).toMatchObject([{ toxic: 'down', type: 'down', partly: true }]);
});

test('in replay, where no name is looked up, the first request to each host waits as long', async () => {
  const store = join(folder, 'store');
  const recorded = await open({ mode: 'record', testId: 'names', store });
  for (const host of ['one.test', 'two.test', '127.0.0.1']) await ask(recorded, host);
  await stack.api.sessions.endRecording(recorded.id, { verdict: 'publish' });
  const session = await open({ mode: 'replay', testId: 'names', store });
  await stack.api.toxics.add(session.id, dnsDelay(delayMs));
  expect(await ask(session, 'one.test')).toBeGreaterThanOrEqual(delayMs - 1);
  expect(await ask(session, 'one.test')).toBeLessThan(delayMs);
  expect(await ask(session, '127.0.0.1')).toBeLessThan(delayMs);
  expect(await ask(session, 'two.test')).toBeGreaterThanOrEqual(delayMs - 1);
});
