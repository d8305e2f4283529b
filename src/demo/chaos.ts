import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { photoBytes } from './backend.js';
import { exportedVariables, type RunOptions } from './shell.js';
import { ask, check, succeeded, type Stage } from './stage.js';

/** One request without and with a toxic, each measured by the client itself. */
export interface ChaosFacts {
  plainMs: number;
  latencyMs: number;
  photoMs: number;
  limitedPhotoMs: number;
}

const latencyMs = 300;
/** Responses that the client waits for one after the other: to CONNECT, to its TLS hello, to its request. */
const roundTrips = 3;
const rateKb = 200;
const page = '/products?page=1';

/** What a latency and a limit of the bandwidth do to a client, against none. */
export async function showChaos(stage: Stage): Promise<ChaosFacts> {
  const { shell, say } = stage;
  say('\n1. A bad network. A stack runs in the background: the real Toxiproxy, and an intercepting proxy behind it.');
  const proxied = await startStack(stage);

  const plain = await ask(stage, page, proxied);
  await toxic('latency', `${latencyMs}ms`);
  const slow = await ask(stage, page, proxied);
  const least = roundTrips * latencyMs;
  // A timer may be a millisecond early for each wait.
  check(
    slow.ms >= least - roundTrips,
    `with ${latencyMs} ms of latency ${page} took ${slow.ms} ms, not ${least} or more`,
  );
  say(`  → ${plain.ms} ms became ${slow.ms} ms: each round trip is late, those that set up TLS included.`);
  await reset();

  say('\nThe same with a narrow link:');
  const photo = await ask(stage, '/photo', proxied);
  await toxic('bandwidth', `${rateKb}kb`);
  const limited = await ask(stage, '/photo', proxied);
  const fullMs = photoBytes / rateKb;
  check(limited.ms >= fullMs * 0.8, `${photoBytes} bytes at ${rateKb} kB/s took ${limited.ms} ms, not some ${fullMs}`);
  say(`  → ${photoBytes / 1000} kB took ${photo.ms} ms, and ${limited.ms} ms at ${rateKb} kB/s.`);
  await reset();
  return { plainMs: plain.ms, latencyMs: slow.ms, photoMs: photo.ms, limitedPhotoMs: limited.ms };

  async function toxic(type: string, value: string): Promise<void> {
    succeeded(await shell.run(['toxic', type, value]), `toxic ${type}`);
  }
  async function reset(): Promise<void> {
    succeeded(await shell.run(['toxic', 'reset']), 'toxic reset');
  }
}

/** Starts the stack; returns what makes a program use it. */
async function startStack({ shell, backend, folder, say }: Stage): Promise<RunOptions> {
  const caFile = join(basename(dirname(backend.caFile)), basename(backend.caFile));
  const up = await shell.run(['up', '--detach', '--api-port', '0', '--print-env'], {
    env: { NODE_EXTRA_CA_CERTS: backend.caFile },
    shownAs: `NODE_EXTRA_CA_CERTS=${caFile} … > proxy.env`,
    quiet: true,
  });
  succeeded(up, 'up');
  await writeFile(join(folder, 'proxy.env'), up.stdout);
  say('  proxy.env holds what tells a program of the proxy and of its certificate.');
  return { env: exportedVariables(up.stdout), shownAs: '(. ./proxy.env; …)' };
}
