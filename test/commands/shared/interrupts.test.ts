import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { expectNothingRunning } from '../../helpers/processes.js';
import { proxyctl, proxyctlBin, proxyctlEnv } from '../../helpers/proxyctl.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { untilPrinted } from '../../helpers/until-printed.js';

const stay = "console.log('ready'); setInterval(() => {}, 1000)";

async function started(args: string[]) {
  const [home, cwd] = [await tempFolder('home'), await tempFolder('cwd')];
  const child = execa(process.execPath, [proxyctlBin, ...args], {
    cwd,
    env: proxyctlEnv(home),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  return { home, cwd, child };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while CMD runs ends it, keeps its recording aside and leaves nothing behind', async (signal, code) => {
  const { home, cwd, child } = await started(['record', '--test-id', 'shop', '--', process.execPath, '-e', stay]);
  await untilPrinted(child.stdout, (line) => line === 'ready');
  child.kill(signal);
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(code);
  expect(stderr).toContain(`Nothing was published: CMD was interrupted by ${signal}.`);
  await expectNothingRunning(home);
  const { stdout } = await proxyctl(['recordings', 'ls', '--json'], { home, cwd });
  expect(JSON.parse(stdout)).toMatchObject({ published: [], unpublished: [{ situation: 'rejected', testId: 'shop' }] });
});

test('a CMD that takes an interrupt and exits with 0 was still cut short', async () => {
  const polite = `process.on('SIGINT', () => process.exit(0)); ${stay}`;
  const { home, child } = await started(['record', '--test-id', 'shop', '--', process.execPath, '-e', polite]);
  await untilPrinted(child.stdout, (line) => line === 'ready');
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(130);
  expect(stderr).toContain('Nothing was published');
  await expectNothingRunning(home);
});

test('while the stack starts, an interrupt ends that, and nothing stays', async () => {
  const { home, child } = await started(['exec', '--', 'true']);
  while (!(await readdir(home)).includes('ca')) await new Promise(setImmediate); // the first thing that a start makes
  child.kill('SIGINT');
  const { exitCode, signal } = await child;
  expect(exitCode ?? signal).toBe(130);
  await expectNothingRunning(home);
});

test('without CMD a recording is open until Ctrl-C, which is its normal end', async () => {
  const { home, cwd, child } = await started(['record', '--test-id', 'manual']);
  const shown = await untilPrinted(child.stdout, (line) => line.startsWith('CA:'));
  expect(shown[1]).toMatch(/^proxy: +http:\/\/127\.0\.0\.1:\d+$/);
  child.kill('SIGINT');
  const { exitCode, stderr } = await child;
  expect(exitCode).toBe(0);
  expect(stderr).toContain('Recorded "manual": 0 exchanges');
  expect(await readdir(join(cwd, '.proxyctl', 'recordings', 'tests'))).toEqual(['manual']);
  await expectNothingRunning(home);
});
