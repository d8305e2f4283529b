import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { signalExitCode } from '../../src/commands/shared/interrupts.js';
import { expectNothingRunning } from '../helpers/processes.js';
import { proxyctlBin, proxyctlEnv } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { untilPrinted } from '../helpers/until-printed.js';

/** Takes connections and never answers. */
const silent = createServer();
const held = new Set<Socket>();
let store: string;

beforeAll(async () => {
  silent.on('connection', (socket) => held.add(socket.on('error', () => undefined)));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  store = `s3://bucket/kept?endpoint=http://127.0.0.1:${(silent.address() as AddressInfo).port}&path-style=true`;
  return () => {
    for (const socket of held) socket.destroy();
    silent.close();
  };
});

const stubborn = [
  process.execPath,
  '-e',
  "for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); console.log('here'); setInterval(() => {}, 1000)",
];

/** Ends a command by a signal once it waits, and gives how it ended. */
async function interrupted(args: string[], signals: readonly NodeJS.Signals[], waits: 'for the store' | 'for CMD') {
  const [home, cwd] = [await tempFolder('home'), await tempFolder('cwd')];
  const env = proxyctlEnv(home, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' });
  const asked = once(silent, 'connection');
  const running = execa(process.execPath, [proxyctlBin, ...args], {
    ...{ cwd, env, extendEnv: false, reject: false, stdin: 'ignore', timeout: 30_000, killSignal: 'SIGKILL' },
  });
  if (waits === 'for the store') await asked;
  else await untilPrinted(running.stdout, (line) => line === 'here');
  const since = performance.now();
  for (const signal of signals) running.kill(signal);
  const ended = await running;
  await expectNothingRunning(home);
  const exitCode = ended.exitCode ?? signalExitCode(ended.signal ?? 'SIGKILL'); // as a shell tells it
  return { exitCode, timedOut: ended.timedOut, seconds: (performance.now() - since) / 1000 };
}

/** A command is given 5 s; a busy machine needs more. */
const patience = 20;

describe.each([
  ['recordings ls', ['recordings', 'ls']],
  ['recordings show', ['recordings', 'show', 'shop']],
  ['recordings pull', ['recordings', 'pull', 'shop', '--to', 'copy']],
  ['recordings prune', ['recordings', 'prune', '--keep', '1']],
  ['recordings scan', ['recordings', 'scan']],
  ['recordings rules', ['recordings', 'rules', 'show', 'shop']],
  ['replay', ['replay', '--test-id', 'shop']],
])('%s, waiting for a store that does not answer', (name, words) => {
  test.each([
    ['SIGTERM', ['SIGTERM'], 143],
    ['Ctrl-C', ['SIGINT'], 130],
    ['two signals', ['SIGTERM', 'SIGTERM'], 143],
  ] as const)('ends by %s', async (_, signals, exitCode) => {
    const cmd = name === 'replay' ? ['--', ...stubborn] : [];
    const ended = await interrupted([...words, '--store', store, ...cmd], signals, 'for the store');
    expect(ended).toMatchObject({ exitCode, timedOut: false });
    expect(ended.seconds).toBeLessThan(patience);
  });
});

describe.each([
  ['exec', ['exec']],
  ['record', ['record', '--test-id', 'shop']],
  ['run', ['run', '--test-id', 'shop']],
])('%s, with a CMD that takes no notice', (_, words) => {
  test.each([
    ['SIGTERM', ['SIGTERM']],
    ['two signals', ['SIGTERM', 'SIGINT']],
  ] as const)('ends by %s, and so does CMD', async (_name, signals) => {
    const ended = await interrupted([...words, '--', ...stubborn], signals, 'for CMD');
    expect(ended).toMatchObject({ timedOut: false });
    expect(ended.exitCode).toBeGreaterThan(128);
    expect(ended.seconds).toBeLessThan(patience);
  });
});

test('record ends by SIGTERM while the store does not answer what it publishes', async () => {
  const quick = [process.execPath, '-e', '0'];
  const ended = await interrupted(
    ['record', '--test-id', 'shop', '--store', store, '--', ...quick],
    ['SIGTERM'],
    'for the store',
  );
  expect(ended).toMatchObject({ exitCode: 143, timedOut: false });
  expect(ended.seconds).toBeLessThan(patience);
});
