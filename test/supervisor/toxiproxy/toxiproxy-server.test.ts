import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LogEntry } from '../../../src/core/logger.js';
import { ToxiproxyServer } from '../../../supervisor/toxiproxy/toxiproxy-server.js';
import { testToxiproxy } from '../../helpers/toxiproxy.js';

afterEach(() => vi.unstubAllEnvs());

describe('ToxiproxyServer', () => {
  test('starts on a free port, says its version, and is gone after close()', async () => {
    const server = await ToxiproxyServer.start({ binary: testToxiproxy() });
    expect(server.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(isAlive(server.pid)).toBe(true);
    expect(await server.api.proxies()).toEqual([]); // the marker it was started with is gone
    await server.close();
    await server.close();
    expect(isAlive(server.pid)).toBe(false);
    expect(await server.exited).toMatchObject({ code: 0 });
  });

  test('a port that was asked for and is taken is PROXYCTL_PORT_IN_USE', async () => {
    await using taken = await listen();
    await expect(ToxiproxyServer.start({ binary: testToxiproxy(), port: taken.port })).rejects.toMatchObject({
      code: 'PROXYCTL_PORT_IN_USE',
      message: `Port ${taken.port} on 127.0.0.1 is taken: Toxiproxy cannot listen there`,
    });
  });

  test('a host that is not of this machine is refused with the reason', async () => {
    await expect(ToxiproxyServer.start({ binary: testToxiproxy(), host: '192.0.2.1' })).rejects.toThrow(/192\.0\.2\.1/);
  });

  test('a program that ends at once is PROXYCTL_CHILD with its exit code', async () => {
    await expect(ToxiproxyServer.start({ binary: '/bin/false' })).rejects.toMatchObject({
      code: 'PROXYCTL_CHILD',
      message: 'Toxiproxy (/bin/false) did not start: it exited with 1',
    });
  });

  test('a program that is not there is PROXYCTL_CHILD', async () => {
    await expect(ToxiproxyServer.start({ binary: '/nonexistent/toxiproxy' })).rejects.toMatchObject({
      code: 'PROXYCTL_CHILD',
      message: expect.stringContaining('ENOENT') as string,
    });
  });

  test('an aborted start leaves nothing running', async () => {
    const controller = new AbortController();
    const starting = ToxiproxyServer.start({ binary: testToxiproxy(), signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
  });

  test('exited says how it was killed', async () => {
    await using server = await ToxiproxyServer.start({ binary: testToxiproxy() });
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  test('what it logs arrives as entries with level and fields', async () => {
    const entries: LogEntry[] = [];
    await using server = await ToxiproxyServer.start({
      binary: testToxiproxy(),
      onLog: (entry) => entries.push(entry),
    });
    expect(entries).toMatchObject([
      { level: 'info', source: 'toxiproxy', message: `Toxiproxy ${server.version} answers at ${server.url}` },
    ]);
    const { listen } = await server.api.createProxy({ name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });
    await expect(fetch(`http://${listen}/`)).rejects.toThrow();
    await vi.waitFor(() => expect(entries).toHaveLength(2));
    expect(entries[1]).toMatchObject({
      level: 'error',
      source: 'toxiproxy',
      message: 'Unable to open connection to upstream',
      fields: { name: 'p', error: expect.stringContaining('connection refused') as string },
    });
  });

  test('it does not outlive a parent that is killed with SIGKILL', async () => {
    const module = new URL('../../../dist/supervisor/toxiproxy/toxiproxy-server.js', import.meta.url).href;
    const script = `import { ToxiproxyServer } from ${JSON.stringify(module)};
      const server = await ToxiproxyServer.start({ binary: ${JSON.stringify(testToxiproxy())} });
      console.log(server.pid, server.url);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const [pid, url] = line.toString().trim().split(' ');
    expect(isAlive(Number(pid))).toBe(true);
    onTestFinished(() => {
      if (isAlive(Number(pid))) process.kill(Number(pid), 'SIGKILL');
    });
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false), { timeout: 5000 });
    await expect(fetch(`${url}/version`)).rejects.toThrow();
  });

  test('it is left alone by Ctrl-C, which is for the supervisor', async () => {
    await using server = await ToxiproxyServer.start({ binary: testToxiproxy() });
    expect(() => process.kill(-server.pid, 0)).not.toThrow(); // it leads a process group of its own
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function listen(): Promise<{ port: number } & AsyncDisposable> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
