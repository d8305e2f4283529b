// What a store on S3 costs: publishing to it, listing it, and starting a replay from its cache. Against a real server
// (versitygw) on this machine.
import { parseArgs } from 'node:util';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { cpuModel } from '../proc.js';
import { measureListing } from './list.js';
import { measurePublishing } from './publish.js';
import { startBenchServer } from './server.js';
import { measureStart } from './start.js';

const usage = `npm run bench:store -- [flags]

  --recordings N   published, of 100 exchanges each (default 1000; 0: not measured)
  --tests N        listed (default 50000; 0: not measured)
  --rounds N       starts of a replay of each kind (default 15; 0: not measured)

Exits 1 when a limit is passed.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      recordings: { type: 'string', default: '1000' },
      tests: { type: 'string', default: '50000' },
      rounds: { type: 'string', default: '15' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const numbers = [values.recordings, values.tests, values.rounds].map(Number);
  const [recordings = 0, tests = 0, rounds = 0] = numbers;
  if (values.help || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  await using scope = new ResourceScope();
  const server = await startBenchServer(scope);
  process.stdout.write(`${cpuModel()}\n`);
  const lines: string[] = [];
  const measure = async (part: Promise<string[]>): Promise<void> => {
    for (const line of await part) {
      process.stdout.write(`${line}\n`);
      lines.push(line);
    }
  };
  if (recordings > 0) await measure(measurePublishing(server, recordings));
  if (tests > 0) await measure(measureListing(server, tests));
  if (rounds > 0) await measure(measureStart(scope, server, rounds)); // stops the server
  return lines.some((line) => line.startsWith('MISSED')) ? 1 : 0;
}
