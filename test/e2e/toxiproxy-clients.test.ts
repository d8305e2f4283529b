import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cp } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import { pinnedRelease } from '../../supervisor/toxiproxy/provision/index.js';
import { freePort } from '../../supervisor/free-port.js';
import { Stack } from '../../supervisor/stack.js';
import { mustRun } from '../helpers/processes.js';
import { pythonEnv } from '../helpers/real-input.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

/** Programs of Toxiproxy's users, unchanged, on a session's proxy. */

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/toxiproxy/${name}`, import.meta.url));

let stack: Stack;
let port: string;
let folder: Awaited<ReturnType<typeof makeTempFolder>>;

beforeAll(async () => {
  folder = await makeTempFolder('toxiproxy-clients');
  const free = await freePort();
  port = String(free);
  stack = await Stack.start({ home: proxyctlHome(join(folder.path, 'home')), toxiproxyPort: free });
});
afterAll(async () => {
  await stack.close();
  await folder.remove();
});

test('toxiproxy-python adds a toxic, which is shown as theirs', async () => {
  const { id } = await stack.api.sessions.create({});
  const { stdout } = await mustRun('python3', [fixture('client.py'), port, id], { env: pythonEnv() });
  expect(stdout.trim()).toBe("['from-python']");
  expect(await stack.api.toxics.list(id)).toMatchObject([
    { name: 'from-python', type: 'latency', foreign: true, attributes: { latency: 120 } },
  ]);
});

test('Toxiproxy’s Go client does', async () => {
  const { id } = await stack.api.sessions.create({});
  const module = join(folder.path, 'go');
  await cp(fixture('go'), module, { recursive: true });
  const go = { cwd: module, env: { GOFLAGS: '-buildvcs=false -mod=mod' } };
  const { stdout } = await mustRun('go', ['run', '.', port, id], go);
  expect(stdout.trim()).toBe('from-go');
  expect(await stack.api.toxics.list(id)).toMatchObject([
    { name: 'from-go', stream: 'upstream', foreign: true, attributes: { latency: 80 } },
  ]);
});

test('toxiproxy-cli lists, adds, takes down and resets', async () => {
  const { id } = await stack.api.sessions.create({});
  const bin = join(folder.path, 'bin');
  await mustRun('go', ['install', `github.com/Shopify/toxiproxy/v2/cmd/cli@v${pinnedRelease.version}`], {
    env: { GOBIN: bin },
  });
  const cli = (...args: string[]) => mustRun(join(bin, 'cli'), ['--host', `http://127.0.0.1:${port}`, ...args]);
  expect((await cli('list')).stdout).toContain(id);
  await cli('toxic', 'add', '-n', 'from-cli', '-t', 'bandwidth', '-a', 'rate=500', id);
  expect((await cli('inspect', id)).stdout).toContain('from-cli');
  expect(await stack.api.toxics.list(id)).toMatchObject([{ name: 'from-cli', type: 'bandwidth', foreign: true }]);
  await cli('toggle', id);
  await stack.api.toxics.list(id);
  expect((await stack.api.sessions.get(id)).enabled).toBe(false);
});
