import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { once } from './once.js';

const script = fileURLToPath(new URL('../../../scripts/build.mjs', import.meta.url));

/**
 * Builds `dist/` where a source is newer, before the first test and before each further run in watch mode: the
 * processes that tests start (`proxyctl`, the MITM process) run what the sources say now. A build that fails ends the
 * run.
 */
export default async function setup(project: TestProject): Promise<void> {
  await once('build', build);
  project.onTestsRerun(build);
}

async function build(): Promise<void> {
  await execa(process.execPath, [script, '--if-stale'], { stdio: ['ignore', 2, 2], timeout: 300_000 });
}
