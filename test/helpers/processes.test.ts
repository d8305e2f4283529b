import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { descendants, expectGone, expectNothingRunning, processesWith, run } from './processes.js';
import { tempFolder } from './temp-folder.js';

const sleeper = 'setInterval(() => {}, 1000)';
/** Starts one Node below another; both stay, and say `ready` once they are there. */
const parent = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', ${JSON.stringify(`console.log('ready'); ${sleeper}`)}, process.argv[1]], { stdio: 'inherit' });
  ${sleeper}`;

test('run gives output and exit code, and never throws for a failure', async () => {
  const finished = await run(process.execPath, ['-e', 'console.log(1); console.error(2); process.exit(3)']);
  expect(finished).toMatchObject({ exitCode: 3, stdout: '1', stderr: '2' });
});

test('run ends what runs too long, with what is below it, and says so', async () => {
  const mark = await tempFolder('late');
  const late = run(process.execPath, ['-e', parent, mark], { limitMs: 1500 });
  await expect(late).rejects.toThrow(/Still running after 1.5 s/);
  await expectNothingRunning(mark);
});

test('descendants and command lines find grandchildren, and what is left running is named', async () => {
  const mark = await tempFolder('family');
  const child = spawn(process.execPath, ['-e', parent, mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await once(child.stdout, 'data'); // the grandchild has said that it is there
    expect(await descendants(process.pid)).toContain(child.pid);
    const below = await descendants(child.pid ?? 0);
    expect(below).toHaveLength(1);
    expect((await processesWith(mark)).map(({ pid }) => pid).sort()).toEqual([child.pid, ...below].sort());
    await expect(expectGone(below, 50)).rejects.toThrow(mark);
    for (const pid of below) process.kill(pid);
    await expectGone(below);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  await expectNothingRunning(mark);
});
