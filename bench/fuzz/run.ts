// Malformed traffic for as long as asked: the stack stays up, its memory settles, and another session does not notice.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { parseArgs } from 'node:util';
import type { ChildStatus, SessionView } from '../../src/api/schemas.js';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { startFriendlyOrigin } from '../../test/helpers/fuzz/friendly-origin.js';
import { fuzz } from '../../test/helpers/fuzz/fuzz.js';
import { HostileOrigin } from '../../test/helpers/fuzz/hostile-origin.js';
import { residentMiB } from '../proc.js';
import { startScratchStack } from '../scratch-stack.js';

const usage = `npm run fuzz -- [--seconds N] [--seed N] [--rounds N]

  --seconds N   length of a round (default 60)
  --rounds N    after each one memory is told (default 3)
  --seed N      the same seed makes the same cases (default 1)

Exits 1 when a child of the stack had to be restarted, something failed inside the proxy, or another session noticed.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      rounds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [seconds = 0, rounds = 0, seed = 0] = [values.seconds, values.rounds, values.seed].map(Number);
  if (values.help || !(seconds > 0 && rounds > 0 && seed >= 0)) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  await using scope = new ResourceScope();
  const { stack } = await startScratchStack(scope, 'fuzz');
  const origin = await startFriendlyOrigin();
  scope.defer(() => origin.close());
  const hostile = await HostileOrigin.start(seed);
  scope.defer(() => hostile.close());

  const target = await stack.api.sessions.create({ insecureUpstream: ['*'] });
  const bystander = await stack.api.sessions.create({});
  const authority = `127.0.0.1:${origin.port}`;
  const probe = watch(bystander, authority);
  for (let round = 0; round < rounds; round += 1) {
    const counts = await fuzz({
      ...{ seed: seed + round, forMs: seconds * 1000, proxyPort: target.port },
      ...{ origin: authority, hostile: `127.0.0.1:${hostile.port}` },
    });
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { children } = await stack.api.status();
    process.stdout.write(
      `round ${round + 1}, seed ${seed + round}: ${total} cases; ${children.map(tell).join(', ')}\n`,
    );
  }
  const { asked, failed, slowestMs } = await probe.stop();
  const { children } = await stack.api.status();
  const faults: string[] = [];
  for await (const { level, message, fields } of stack.api.logs({ lines: 1000 }))
    if (level === 'error') faults.push(`${message} ${JSON.stringify(fields ?? {})}`);
  for (const { name, restarts, lastError } of children)
    if (restarts > 0) faults.push(`${name} was restarted ${restarts} times: ${lastError ?? ''}`);
  faults.push(...failed.map((reason) => `another session noticed: ${reason}`));
  process.stdout.write(`another session: ${asked} requests, the slowest ${slowestMs.toFixed(0)} ms\n`);
  for (const fault of faults.slice(0, 20)) process.stdout.write(`MISSED ${fault}\n`);
  process.stdout.write(faults.length === 0 ? 'ok: nothing failed\n' : `${faults.length} faults\n`);
  return faults.length === 0 ? 0 : 1;
}

function tell({ name, pid = 0 }: ChildStatus): string {
  return `${name} ${residentMiB(pid).toFixed(0)} MiB`;
}

/** Asks through a session again and again. */
function watch({ host, port }: SessionView, authority: string) {
  const failed: string[] = [];
  let asked = 0;
  let slowestMs = 0;
  let over = false;
  const running = (async () => {
    while (!over) {
      const started = performance.now();
      asked += 1;
      await askOnce(host, port, authority, asked).catch((error: unknown) => failed.push(String(error)));
      slowestMs = Math.max(slowestMs, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      over = true;
      await running;
      return { asked, failed, slowestMs };
    },
  };
}

async function askOnce(host: string, port: number, authority: string, number: number): Promise<void> {
  const url = `http://${authority}/probe/${number}`;
  const outgoing = request({ host, port, path: url, headers: { Host: authority }, agent: false, timeout: 10_000 });
  outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 10 s')));
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  if (text !== `/probe/${number} 0`) throw new Error(`answered ${response.statusCode ?? 0} ${text}`);
}
