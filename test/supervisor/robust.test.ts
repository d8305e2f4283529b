import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import type { SessionView } from '../../src/api/schemas.js';
import type { LogEntry } from '../../src/core/logger.js';
import { Stack } from '../../supervisor/stack.js';
import { startFriendlyOrigin } from '../helpers/fuzz/friendly-origin.js';
import { fuzz, kinds } from '../helpers/fuzz/fuzz.js';
import { HostileOrigin } from '../helpers/fuzz/hostile-origin.js';
import { eventually } from '../helpers/processes.js';
import { RawConnection } from '../helpers/raw-connection.js';
import { soak, startMirror } from '../helpers/soak.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let stack: Stack;
let folder: Awaited<ReturnType<typeof makeTempFolder>>;
let origin: Awaited<ReturnType<typeof startFriendlyOrigin>>;
/** What tests ill-treat, and another one, which is not to notice. */
let session: SessionView;
let bystander: Bystander;
const entries: LogEntry[] = [];

beforeAll(async () => {
  folder = await makeTempFolder('robust');
  origin = await startFriendlyOrigin();
  stack = await Stack.start({ home: proxyctlHome(folder.path), onLog: (entry) => entries.push(entry) });
});
afterAll(async () => {
  await stack.close();
  await origin.close();
  await folder.remove();
});

beforeEach(async () => {
  session = await stack.api.sessions.create({ insecureUpstream: ['*'] });
  bystander = new Bystander(await stack.api.sessions.create({}));
});

/** Whatever was done: all processes are up, nothing failed inside them, and nobody else has noticed. */
afterEach(async () => {
  const { asked, failed } = await bystander.stop();
  const { children } = await stack.api.status();
  expect(entries.filter(({ level }) => level === 'error')).toEqual([]);
  expect(children).toEqual(children.map((child) => ({ ...child, state: 'ready', restarts: 0, lastError: undefined })));
  expect(failed).toEqual([]);
  expect(asked).toBeGreaterThan(0);
  expect(await ask(session.port, '/after')).toBe('/after 0');
  await stack.api.sessions.delete(session.id);
  await stack.api.sessions.delete(bystander.session.id);
});

/** Asks through its session again and again, as somebody else's test would. */
class Bystander {
  readonly failed: string[] = [];
  asked = 0;
  #over = false;
  readonly #running: Promise<void>;

  constructor(readonly session: SessionView) {
    this.#running = this.#run();
  }

  async stop(): Promise<this> {
    this.#over = true;
    await this.#running;
    return this;
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      this.asked += 1;
      const path = `/${this.asked}`;
      const answer = await ask(this.session.port, path).catch(String);
      if (answer !== `${path} 0`) this.failed.push(answer);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function ask(port: number, path: string): Promise<string> {
  const authority = `127.0.0.1:${origin.port}`;
  const connection = await RawConnection.open(port);
  connection.write(`GET http://${authority}${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`);
  const body = await connection.body(await connection.head());
  connection.destroy();
  return body;
}

/** Open sockets of all processes below the stack, where the system tells. */
async function openSockets(): Promise<number> {
  const { children } = await stack.api.status();
  return children
    .map(({ pid = 0 }) => {
      const fds = `/proc/${pid}/fd`;
      return readdirSync(fds).length;
    })
    .reduce((sum, count) => sum + count, 0);
}

const onLinux = process.platform === 'linux';

/** That no more sockets stay than there were, but for the few of the bystander and of pools. */
async function expectSockets(before: number): Promise<void> {
  if (!onLinux) return;
  const after = await eventually(openSockets, (count) => count <= before + 20, 20_000);
  expect(after).toBeLessThanOrEqual(before + 20);
}

test(
  'malformed HTTP/1, HTTP/2, TLS and WebSockets from both sides change nothing for others',
  { timeout: 60_000 },
  async () => {
    const seed = 20_261_121;
    const hostile = await HostileOrigin.start(seed);
    const counts = await fuzz({
      ...{ seed, forMs: 5000, proxyPort: session.port },
      ...{ origin: `127.0.0.1:${origin.port}`, hostile: `127.0.0.1:${hostile.port}` },
    });
    await hostile.close();
    expect(Object.keys(counts).sort()).toEqual([...kinds].sort());
  },
);

test('clients that send their heads a byte at a time, or stop, hold nobody up and go with their session', async () => {
  const before = onLinux ? await openSockets() : 0;
  const head = `GET http://127.0.0.1:${origin.port}/slow HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\n\r\n`;
  const slow = await Promise.all(Array.from({ length: 200 }, () => RawConnection.open(session.port)));
  // Half of them come to an end; the others never do.
  for (const [at, byte] of [...head].entries()) {
    for (const [number, connection] of slow.entries()) if (number % 2 === 0 || at < 20) connection.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const [number, connection] of slow.entries()) {
    if (number % 2 === 0) expect(await connection.body(await connection.head())).toBe('/slow 0');
  }
  expect(await ask(session.port, '/beside')).toBe('/beside 0');
  for (const connection of slow) connection.destroy();
  await expectSockets(before);
});

test('connections whose clients end their half go, wherever that happens', async () => {
  const before = onLinux ? await openSockets() : 0;
  const authority = `127.0.0.1:${origin.port}`;
  const said = [
    `GET http://${authority}/half HTTP/1.1\r\nHost: ${authority}\r\n\r\n`,
    `GET http://${authority}/ha`,
    `POST http://${authority}/ HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: 9\r\n\r\nhalf`,
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`,
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n\x16\x03\x01\x02\x00\x01\x00`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '',
  ];
  // Both ways in: Toxiproxy closes both halves when one ends.
  const half = await Promise.all(
    [session.port, session.mitmPort].flatMap((port) =>
      Array.from({ length: 70 }, async (_, number) => {
        const connection = await RawConnection.open(port);
        connection.write(said[number % said.length] ?? '');
        connection.end();
        return connection;
      }),
    ),
  );
  await Promise.all(half.map((connection) => connection.rest()));
  await expectSockets(before);
});

test('clients that vanish within an upload leave nothing behind', async () => {
  const before = onLinux ? await openSockets() : 0;
  const authority = `127.0.0.1:${origin.port}`;
  await Promise.all(
    Array.from({ length: 200 }, async (_, number) => {
      const socket: Socket = connect(session.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        `POST http://${authority}/up HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(50_000)}`,
      );
      await new Promise((resolve) => setTimeout(resolve, number));
      if (number % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }),
  );
  await expectSockets(before);
  const gone = await eventually(
    async () => (await stack.api.sessions.get(session.id)).counters.inFlight,
    (count) => count === 0,
    10_000,
  );
  expect(gone).toBe(0);
});

test('two thousand connections one after another leave no socket open', { timeout: 60_000 }, async () => {
  const before = onLinux ? await openSockets() : 0;
  for (let number = 0; number < 2000; number += 1) expect(await ask(session.port, '/one')).toBe('/one 0');
  await expectSockets(before);
});

test('two hundred clients upload and download files of 1 MB without an error', { timeout: 90_000 }, async () => {
  const mirror = await startMirror();
  const { requests, errors } = await soak({
    ...{ clients: 200, requests: 2, proxyPort: session.port, backendPort: mirror.port },
  });
  await mirror.close();
  expect([...errors]).toEqual([]);
  expect(requests).toBe(400);
});
