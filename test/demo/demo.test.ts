import { readdir } from 'node:fs/promises';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { exportedVariables } from '../../src/demo/shell.js';
import { expectNothingRunning } from '../helpers/processes.js';
import { proxyctlBin, proxyctlEnv } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('the demo shows what it claims and leaves nothing behind', { timeout: 120_000 }, async () => {
  const folder = await tempFolder('demo');
  const env = proxyctlEnv(folder, { TMPDIR: folder });
  const { exitCode, stdout, stderr } = await execa(process.execPath, [proxyctlBin, 'demo', '--json'], {
    env,
    extendEnv: false,
    reject: false,
  });
  expect(exitCode, stderr).toBe(0);
  const facts = JSON.parse(stdout) as Record<string, number>;
  expect(facts).toMatchObject({
    recordedExchanges: 5,
    backendGone: 'ECONNREFUSED',
    sameBytes: true,
    upstreamConnections: 0,
    missExitCode: 1,
  });
  expect(facts.missDiffersIn).toEqual([expect.stringContaining('page')]);
  expect(facts.timeMovedMs).toBeGreaterThan(0);
  expect(facts.latencyMs).toBeGreaterThanOrEqual(300);
  expect(facts.limitedPhotoMs).toBeGreaterThanOrEqual(1000);
  await expectNothingRunning(folder);
  expect((await readdir(folder)).filter((name) => name.startsWith('proxyctl-demo-'))).toEqual([]);
});

test('Ctrl-C in the middle of the demo leaves nothing behind', { timeout: 120_000 }, async () => {
  const folder = await tempFolder('demo-stop');
  const env = proxyctlEnv(folder, { TMPDIR: folder });
  const demo = execa(process.execPath, [proxyctlBin, 'demo'], { env, extendEnv: false, reject: false, buffer: false });
  let seen = '';
  for await (const chunk of demo.stdout) {
    seen += String(chunk);
    if (!demo.killed && seen.includes('$ proxyctl toxic latency')) demo.kill('SIGINT');
  }
  const { exitCode } = await demo;
  expect(exitCode).toBe(130);
  expect(seen).not.toContain('Record a test once');
  await expectNothingRunning(folder);
  expect((await readdir(folder)).filter((name) => name.startsWith('proxyctl-demo-'))).toEqual([]);
});

test('what a shell would take from export lines is taken', () => {
  expect(exportedVariables(`export A='1'\nexport B='it'\\''s'\nnoise\nexport C=''\n`)).toEqual({
    A: '1',
    B: "it's",
    C: '',
  });
});
