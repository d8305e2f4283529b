import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Toxiproxy } from 'toxiproxy-node-client';
import type { SessionView } from '../../src/api/schemas.js';
import { proxyctlHome } from '../../src/config/paths.js';
import { parseToxiproxyConfig } from '../../src/toxics/toxiproxy-config.js';
import { freePort } from '../../supervisor/free-port.js';
import { Stack } from '../../supervisor/stack.js';
import { eventually } from '../helpers/processes.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeTempFolder>>;
let port: number;
const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));

beforeAll(async () => {
  folder = await makeTempFolder('toxiproxy-users');
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  port = await freePort();
  const config = [
    { name: 'echo', listen: '127.0.0.1:0', upstream: `127.0.0.1:${(echo.address() as AddressInfo).port}` },
    { name: 'off', upstream: '127.0.0.1:1', enabled: false },
  ];
  stack = await Stack.start({
    home: proxyctlHome(folder.path),
    toxiproxyPort: port,
    proxies: parseToxiproxyConfig(JSON.stringify(config), 'toxiproxy.json'),
  });
});
afterAll(async () => {
  await stack.close();
  echo.close();
  await folder.remove();
});

const client = () => new Toxiproxy(`http://127.0.0.1:${port}`);

const latency = (ms: number) => ({
  name: 'theirs',
  type: 'latency' as const,
  stream: 'downstream' as const,
  toxicity: 1,
  attributes: { latency: ms, jitter: 0 },
});

/** Milliseconds for a byte there and back. */
async function roundTrip(listen: string): Promise<number> {
  const socket = connect(Number(listen.split(':').at(-1)), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const begun = performance.now();
  socket.write('x');
  await once(socket, 'data');
  return performance.now() - begun;
}

async function restartOf(name: string): Promise<void> {
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

test('the proxies of a toxiproxy.json run beside the sessions, with what is added to them, over restarts of either child', async () => {
  await stack.api.sessions.create({}); // so that there is a MITM process to restart
  const { listen } = await client().get('echo');
  expect((await client().get('off')).enabled).toBe(false);
  expect(await roundTrip(listen)).toBeLessThan(60);
  await (await client().get('echo')).addToxic(latency(80));
  expect(await roundTrip(listen)).toBeGreaterThanOrEqual(79);
  // What is changed there is looked for once a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (const child of ['mitm', 'toxiproxy']) {
    await restartOf(child);
    expect((await client().get('echo')).listen).toBe(listen);
    expect(await roundTrip(listen)).toBeGreaterThanOrEqual(79);
  }
  const warnings = [];
  for await (const { level, message } of stack.api.logs({ source: 'supervisor' }))
    if (level !== 'info' && !message.includes('starting it again')) warnings.push(message);
  expect(warnings).toEqual([]);
});

test('toxiproxy-node-client works on a session’s proxy, on the port that was asked for', async () => {
  const session: SessionView = await stack.api.sessions.create({});
  const proxy = await client().get(session.id);
  expect(proxy.listen).toBe(`127.0.0.1:${session.port}`);
  const toxic = await proxy.addToxic(latency(40));
  expect(await stack.api.toxics.list(session.id)).toMatchObject([
    { name: 'theirs', type: 'latency', foreign: true, attributes: { latency: 40 } },
  ]);
  await toxic.remove();
  expect(await stack.api.toxics.list(session.id)).toEqual([]);
  await proxy.update({ ...proxy, enabled: false });
  await eventually(
    () => stack.api.sessions.get(session.id),
    ({ enabled }) => !enabled,
    5000,
  );
  await client().reset();
  await eventually(
    () => stack.api.sessions.get(session.id),
    ({ enabled }) => enabled,
    5000,
  );
});

test('a toxic that somebody adds while sessions are put back after a restart is not taken for a stale one', async () => {
  const session = await stack.api.sessions.create({});
  const proxy = await client().get(session.id);
  const name = (await stack.api.status()).children.find((child) => child.name.startsWith('mitm'))?.name ?? '';
  let restarted = false;
  const restart = restartOf(name).then(() => (restarted = true));
  // What is added is looked for once a second: some of these come in the time between that and the restart's own look.
  let added = 0;
  for (; !restarted; added += 1) {
    await proxy.addToxic({ ...latency(1), name: `theirs-${added}` });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await restart;
  expect(await stack.api.toxics.list(session.id)).toHaveLength(added);
});

test.each([
  ['[{"listen": ":1", "upstream": "x:1"}]', /t\.json: .*name/],
  ['{', /t\.json is not JSON/],
  ['[{"name":"a","upstream":"x:1"},{"name":"a","upstream":"x:1"}]', /two proxies "a"/],
])('a config that is wrong is refused: %s', (text, message) => {
  expect(() => parseToxiproxyConfig(text, 't.json')).toThrow(message);
});
