// The control API under load: mocks and event readers in many sessions at once, and what thousands of sessions leave
// behind.
import { parseArgs } from 'node:util';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { cpuModel } from '../proc.js';
import { startScratchStack } from '../scratch-stack.js';
import { churn } from './churn.js';
import { compareReaders } from './readers.js';

const usage = `npm run bench:control -- [flags]

  --sessions N   open at once, with 4 mocks and an event reader each (default 1000)
  --rate N       requests per second, of all sessions together (default 2000)
  --seconds N    how long each load lasts (default 15)
  --churn N      sessions that are created and deleted after that (default 10000)

Exits 1 when a limit is passed.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '15' },
      churn: { type: 'string', default: '10000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [sessions = 0, rate = 0, seconds = 0, churned = 0] = [
    values.sessions,
    values.rate,
    values.seconds,
    values.churn,
  ].map(Number);
  const whole = [sessions, rate, seconds, churned].every((number) => Number.isSafeInteger(number) && number >= 0);
  if (values.help || !whole || sessions < 1 || rate < 1 || seconds < 1) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  await using scope = new ResourceScope();
  const { stack, folder } = await startScratchStack(scope, 'control');
  process.stdout.write(`${cpuModel()}\n`);
  const lines = await compareReaders(scope, stack, { sessions, rate, seconds });
  lines.forEach((line) => process.stdout.write(`${line}\n`));
  if (churned > 0) {
    const left = await churn(stack, folder, churned);
    left.forEach((line) => process.stdout.write(`${line}\n`));
    lines.push(...left);
  }
  return lines.some((line) => line.startsWith('MISSED')) ? 1 : 0;
}
