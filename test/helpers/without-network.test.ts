import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { run } from './processes.js';
import { isolation, refusingModule } from './without-network.js';

/**
 * Prints how each attempt ended. The address is one of those kept for documentation (RFC 5737): nothing answers there.
 */
const attempts = `
  const net = require('node:net'), dns = require('node:dns');
  const attempt = (host, port) => new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 3000 });
    for (const name of ['connect', 'timeout']) socket.on(name, () => { socket.destroy(); resolve(name); });
    socket.on('error', (error) => resolve(error.code));
  });
  (async () => console.log(await attempt('192.0.2.1', 9), await attempt('registry.example', 443), await attempt('127.0.0.1', Number(process.argv[1]))))();`;

async function listeningPort(): Promise<number> {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('an isolated program reaches no address and no name', async () => {
  const { prefix, nodeOptions } = await isolation();
  const [command = '', ...args] = [...prefix, process.execPath, '-e', attempts, String(await listeningPort())];
  const { stdout } = await run(command, args, { env: { NODE_OPTIONS: nodeOptions.join(' ') } });
  expect(stdout).toMatch(/^ENETUNREACH (EAI_AGAIN|ENOTFOUND|ENETUNREACH) /);
});

test('the refusing module lets loopback through, refuses the rest and says so', async () => {
  const port = await listeningPort();
  const { stdout, stderr } = await run(process.execPath, ['--require', refusingModule, '-e', attempts, String(port)]);
  expect(stdout).toBe('ENETUNREACH ENETUNREACH connect');
  expect(stderr).toContain('refused connection to 192.0.2.1');
  expect(stderr).toContain('refused lookup of registry.example');
});
