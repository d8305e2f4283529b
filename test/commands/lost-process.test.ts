import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { expectNothingRunning } from '../helpers/processes.js';
import { proxyctl, proxyctlBin } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** Asks, kills a process of its stack, asks again until it is answered, and ends with a code. */
const client = `
  import { execFileSync } from 'node:child_process';
  const [url, proxyctl, victim, code] = process.argv.slice(1);
  await fetch(url).then((r) => r.text());
  const { children } = JSON.parse(execFileSync(process.execPath, [proxyctl, 'status', '--json'], { encoding: 'utf8' }));
  const found = children.find(({ name }) => name === victim);
  if (found !== undefined) process.kill(found.pid, 'SIGKILL');
  for (;;) {
    const answer = await fetch(url).then((r) => r.text()).catch(() => undefined);
    if (answer !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.exitCode = Number(code);`;

async function bench() {
  const [home, cwd, origin] = [await tempFolder('home'), await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  const run = async (words: string[], victim: string, code = 0) => {
    const cmd = [process.execPath, '--input-type=module', '-e', client, '--', origin.httpUrl('/json'), proxyctlBin];
    const finished = await proxyctl([...words, '--', ...cmd, victim, String(code)], { home, cwd });
    await expectNothingRunning(home);
    return finished;
  };
  return { cwd, run };
}

test.each(['toxiproxy', 'mitm'])(
  'a %s that ends in mid-run is said, and the run does not count as good',
  async (victim) => {
    const { cwd, run } = await bench();
    const live = await run(['exec', '--report-dir', 'reports'], victim);
    expect(live.exitCode, live.stderr).toBe(8);
    expect(live.stderr).toContain(`${victim} ended (SIGKILL) at `);
    expect(live.stderr).toContain('PROXYCTL_CHILD');
    const [folder = ''] = await readdir(join(cwd, 'reports'));
    const report = await readFile(join(cwd, 'reports', folder, 'junit.xml'), 'utf8');
    expect(report).toContain(`<failure message="${victim} ended (SIGKILL) at `);

    expect((await run(['record', '--test-id', 'shop'], 'nobody')).exitCode).toBe(0);
    const replayed = await run(['replay', '--test-id', 'shop', '--json'], victim);
    expect(replayed.exitCode, replayed.stderr).toBe(8);
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      exitCode: 0,
      summary: { lostProcesses: [{ process: victim, how: 'SIGKILL' }] },
    });
  },
  120_000,
);

test('a recording through a Toxiproxy that ended is said to be, and a CMD that fails keeps its own code', async () => {
  const { run } = await bench();
  const recorded = await run(['record', '--test-id', 'shop'], 'toxiproxy');
  expect(recorded.exitCode, recorded.stderr).toBe(8);
  const failed = await run(['exec'], 'toxiproxy', 3);
  expect(failed.exitCode, failed.stderr).toBe(3);
  expect(failed.stderr).toContain('toxiproxy ended (SIGKILL) at ');
}, 120_000);

test('where nothing ends, nothing is said', async () => {
  const { run } = await bench();
  const finished = await run(['exec', '--json'], 'nobody');
  expect(finished.exitCode, finished.stderr).toBe(0);
  expect(JSON.parse(finished.stdout)).toMatchObject({ lostProcesses: [] });
});
