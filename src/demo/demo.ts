import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProxyctlError } from '../errors/index.js';
import { DemoBackend, photoBytes } from './backend.js';
import { answersIn, clientProgram, type ClientAnswer } from './client-program.js';
import { DemoShell, exportedVariables, type ShellOptions, type ShellResult } from './shell.js';

/** What the demo measured and saw; it fails when one of them is not as it claims. */
export interface DemoFacts {
  plainMs: number;
  latencyMs: number;
  photoMs: number;
  limitedPhotoMs: number;
  recordedExchanges: number;
  backendGone: boolean;
  sameBytes: boolean;
  upstreamConnections: number;
  missExitCode: number;
}

export interface DemoOptions extends Omit<ShellOptions, 'cwd'> {
  /** An empty folder that the caller removes. */
  folder: string;
  proxyctl: readonly string[];
  /** Says something between the commands. */
  say: (text: string) => void;
}

const paths = ['/products?page=1', '/products?page=2', '/order', '/order', '/photo'];

/** The whole product once through, on a sample backend. Throws when a step does not show what it is there to show. */
export async function runDemo(options: DemoOptions): Promise<DemoFacts> {
  const { folder, say } = options;
  await writeFile(join(folder, 'client.mjs'), clientProgram);
  await using backend = await DemoBackend.start(join(folder, 'company-ca'));
  const shell = new DemoShell({ ...options, cwd: folder }, options.proxyctl);
  const ask = (which: readonly string[]): string[] => ['node', 'client.mjs', backend.url, ...which];
  say(`A sample backend with TLS runs at ${backend.url}; client.mjs is a plain Node program that asks it for things.`);

  try {
    const chaos = await showChaos({ ...options, shell, backend, ask });
    const replay = await showReplay({ ...options, shell, backend, ask });
    return { ...chaos, ...replay };
  } finally {
    // Not through the shell: it must also run after Ctrl-C.
    await new DemoShell(
      { ...options, cwd: folder, signal: new AbortController().signal, show: () => undefined },
      options.proxyctl,
    ).run(['down']);
  }
}

interface Stage extends DemoOptions {
  shell: DemoShell;
  backend: DemoBackend;
  ask: (which: readonly string[]) => string[];
}

async function showChaos({ shell, backend, ask, say }: Stage) {
  say('\n1. A bad network. A stack runs in the background: the real Toxiproxy in front of an intercepting proxy.');
  const trust = { NODE_EXTRA_CA_CERTS: backend.caFile };
  const up = await shell.run(['up', '--detach', '--port', '0', '--print-env'], {
    env: trust,
    prefix: 'NODE_EXTRA_CA_CERTS=company-ca/ca.pem ',
    quiet: true,
  });
  succeeded(up, 'up');
  const env = exportedVariables(up.stdout);
  say('  (what it printed tells the client below of the proxy and its certificate)');
  const client = async (which: string): Promise<ClientAnswer> => {
    const [program = '', ...args] = ask([which]);
    return answerOf(await shell.program(program, args, env));
  };
  const plain = await client('/products?page=1');
  succeeded(await shell.run(['toxic', 'latency', '300ms']), 'toxic latency');
  const slow = await client('/products?page=1');
  check(slow.ms >= 300, `with 300 ms of latency the answer took ${slow.ms} ms`);
  say(`  → ${plain.ms} ms became ${slow.ms} ms: the latency counts for each round trip, TLS set-up included.`);
  succeeded(await shell.run(['toxic', 'reset'], { quiet: true }), 'toxic reset');
  const photo = await client('/photo');
  succeeded(await shell.run(['toxic', 'bandwidth', '200kb']), 'toxic bandwidth');
  const limited = await client('/photo');
  check(limited.ms >= 1000, `${photoBytes} bytes at 200 kB/s took ${limited.ms} ms`);
  say(`  → ${photoBytes / 1000} kB took ${photo.ms} ms, and at 200 kB/s ${limited.ms} ms.`);
  succeeded(await shell.run(['toxic', 'reset'], { quiet: true }), 'toxic reset');
  return { plainMs: plain.ms, latencyMs: slow.ms, photoMs: photo.ms, limitedPhotoMs: limited.ms };
}

async function showReplay({ shell, backend, ask, say }: Stage) {
  say('\n2. Record a test once …');
  const recorded = await shell.run([
    'record',
    '--test-id',
    'demo',
    '--upstream-ca',
    'company-ca/ca.pem',
    '--',
    ...ask(paths),
  ]);
  succeeded(recorded, 'record');
  const live = answersOf(recorded);

  await backend.close();
  say('\n3. … switch the backend off …');
  const [program = '', ...args] = ask(['/products?page=1']);
  const direct = answerOf(await shell.program(program, args, { NODE_EXTRA_CA_CERTS: backend.caFile }));
  check(direct.status === 0, 'the backend still answers');

  say('\n4. … and replay it: the same bytes, and not one connection to anywhere.');
  const replayed = await shell.run(['replay', '--test-id', 'demo', '--report', 'replay.json', '--', ...ask(paths)]);
  succeeded(replayed, 'replay');
  const again = answersOf(replayed);
  const sameBytes =
    live.length === again.length &&
    live.every(({ sha256, status }, index) => sha256 === again[index]?.sha256 && status === again[index].status);
  check(sameBytes, 'the replayed answers differ from the recorded ones');
  const connections = /(\d+) upstream connections/.exec(replayed.stderr)?.[1];
  check(connections === '0', `the replay opened ${connections ?? 'an unknown number of'} connections`);

  say(
    '\n5. A request that was never recorded is not answered by a guess: it is a miss, explained, and the command fails.',
  );
  const missed = await shell.run(['replay', '--test-id', 'demo', '--', ...ask(['/products?page=3'])]);
  check(missed.exitCode !== 0 && missed.stderr.includes('page'), 'a request that was not recorded was answered');
  return {
    recordedExchanges: live.length,
    backendGone: true,
    sameBytes,
    upstreamConnections: Number(connections),
    missExitCode: missed.exitCode,
  };
}

function answersOf(result: ShellResult): ClientAnswer[] {
  const answers = answersIn(result.stdout);
  if (answers === undefined) throw failed(`the client said nothing: ${result.stderr}`);
  return answers;
}

function answerOf(result: ShellResult): ClientAnswer {
  const [answer] = answersOf(result);
  if (answer === undefined) throw failed('the client got no answer');
  return answer;
}

function succeeded({ exitCode, stderr }: ShellResult, what: string): void {
  check(exitCode === 0, `${what} ended with ${exitCode}: ${stderr.trim()}`);
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw failed(otherwise);
}

function failed(what: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_CHILD', `The demo did not show what it should: ${what}`, {
    hint: 'proxyctl doctor checks this machine.',
  });
}
