// How many kinds of secrets, in how many places, are not in what is stored; and what else is changed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCorpus } from './corpus.js';
import { measure } from './measure.js';
import { isMet, tell } from './report.js';

const usage = `npm run bench:secrets -- [--seed N] [--count N] [--json]

  --seed N    the same seed makes the same corpus (default 1)
  --count N   so many secrets; half as many innocent look-alikes are added (default 1200)
  --json      print JSON, with each case that failed

Exits 1 when fewer than 99.5 % of the secrets are replaced, fewer than 99 % of what is innocent is the same to the byte,
or a request is not answered by its own recording.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '1200' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [seed = NaN, count = NaN] = [values.seed, values.count].map(Number);
  if (values.help || !Number.isInteger(seed) || !Number.isInteger(count) || count < 1) {
    process.stderr.write(usage);
    return values.help ? 0 : 2;
  }
  const folder = await mkdtemp(join(tmpdir(), 'proxyctl-bench-secrets-'));
  try {
    const corpus = makeCorpus(seed, count);
    const figures = await measure(folder, corpus);
    const text = values.json ? JSON.stringify({ seed, count, ...figures }, null, 2) : tell(corpus, figures, seed);
    process.stdout.write(`${text}\n`);
    return isMet(figures) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
