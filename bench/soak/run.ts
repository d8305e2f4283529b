// Hundreds of clients that upload and download files through one session: no error that they do not get directly.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { soak, startMirror, type SoakResult } from '../../test/helpers/soak.js';
import { residentMiB } from '../proc.js';
import { startScratchStack } from '../scratch-stack.js';

const usage = `npm run soak -- [--clients N] [--seconds N] [--mode live|record]

  --clients N    at once, each uploading and downloading a multipart file of 1 MB again and again (default 800)
  --seconds N    how long, through the session and then directly (default 60)
  --mode MODE    of the session (default live)

Exits 1 when a client gets an error through the session and none directly.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '800' },
      seconds: { type: 'string', default: '60' },
      mode: { type: 'string', default: 'live' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [clients, seconds, mode] = [Number(values.clients), Number(values.seconds), values.mode];
  if (values.help || !(clients > 0 && seconds > 0) || (mode !== 'live' && mode !== 'record')) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  await using scope = new ResourceScope();
  const { stack, folder } = await startScratchStack(scope, 'soak');
  const backend = await startMirror();
  scope.defer(() => backend.close());
  const recording = { testId: 'soak', store: path.join(folder, 'store') };
  const session = await stack.api.sessions.create(mode === 'live' ? { mode } : { mode, ...recording });
  const common = { clients, forMs: seconds * 1000, backendPort: backend.port };
  let highest = 0;
  const { children } = await stack.api.status();
  const look = setInterval(() => {
    for (const { pid = 0 } of children) highest = Math.max(highest, residentMiB(pid));
  }, 200);
  scope.defer(() => clearInterval(look));
  const through = await soak({ ...common, proxyPort: session.port });
  tell(`through a ${mode} session`, through, seconds);
  process.stdout.write(`  the largest of the stack's processes had ${highest.toFixed(0)} MiB at most\n`);
  const direct = await soak(common);
  tell('directly', direct, seconds);
  return through.errors.size > direct.errors.size ? 1 : 0;
}

function tell(where: string, { requests, errors, slowestMs }: SoakResult, seconds: number): void {
  const failed = [...errors.values()].reduce((sum, count) => sum + count, 0);
  const rate = (requests / seconds).toFixed(0);
  process.stdout.write(
    `${where}: ${requests} requests (${rate}/s), ${failed} failed, the slowest ${(slowestMs / 1000).toFixed(1)} s\n`,
  );
  for (const [message, count] of errors) process.stdout.write(`  ${count} × ${message}\n`);
}
