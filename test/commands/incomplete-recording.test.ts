import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { expectNothingRunning } from '../helpers/processes.js';
import { proxyctl, proxyctlBin } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** Asks, kills the MITM process of its own session, and asks again until it is answered. */
const killingClient = `
  import { execFileSync } from 'node:child_process';
  const [url, proxyctl] = process.argv.slice(1);
  await fetch(url).then((r) => r.text());
  const { children } = JSON.parse(execFileSync(process.execPath, [proxyctl, 'status', '--json'], { encoding: 'utf8' }));
  process.kill(children.find(({ name }) => name === 'mitm').pid, 'SIGKILL');
  for (;;) {
    const answer = await fetch(url).then((r) => r.text()).catch(() => undefined);
    if (answer !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }`;
const plainClient = `await fetch(process.argv[1]).then((r) => r.text());`;

test('a recording whose MITM process was killed is named as incomplete: by the exit code, in lists, and when it is replayed', async () => {
  const [home, cwd, origin] = [await tempFolder('home'), await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  const cmd = (script: string) => [
    '--',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    '--',
    origin.httpUrl('/json'),
    proxyctlBin,
  ];
  const run = (...words: string[]) => proxyctl(words, { home, cwd });

  const recorded = await run('record', '--test-id', 'shop', ...cmd(killingClient));
  expect(recorded.exitCode, recorded.stderr).toBe(14);
  expect(recorded.stderr).toMatch(/^Recorded "shop", but INCOMPLETE \(the process that recorded it ended once/m);
  expect(recorded.stderr).toContain('PROXYCTL_RECORDING_INCOMPLETE');
  await expectNothingRunning(home);

  expect((await run('recordings', 'ls')).stdout).toContain('(incomplete)');
  expect(JSON.parse((await run('recordings', 'ls', '--json')).stdout)).toMatchObject({
    published: [{ testId: 'shop', incomplete: true }],
    unpublished: [],
  });
  expect((await run('recordings', 'show', 'shop')).stdout).toMatch(/incomplete: +the process that recorded it ended/);
  const replayed = await run('replay', '--test-id', 'shop', ...cmd(plainClient));
  expect(replayed.exitCode, replayed.stderr).toBe(0);
  expect(replayed.stderr).toMatch(
    /This recording is INCOMPLETE: the process that recorded it ended[^]*Replayed 1 of 1/,
  );

  const again = await run('record', '--test-id', 'shop', ...cmd(plainClient));
  expect(again.exitCode, again.stderr).toBe(0);
  expect((await run('recordings', 'ls')).stdout).not.toContain('(incomplete)');
  const beside = await run('record', '--test-id', 'shop', ...cmd(killingClient));
  expect(beside.exitCode, beside.stderr).toBe(14);
  expect(beside.stderr).toContain('kept beside the complete recording');
  expect((await run('recordings', 'ls')).stdout).not.toContain('(incomplete)');
}, 120_000);
