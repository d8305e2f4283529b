import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../helpers/processes.js';
import { proxyctl, proxyctlBin } from '../helpers/proxyctl.js';
import { makeTempFolder, tempFolder } from '../helpers/temp-folder.js';

let file: string;

beforeAll(async () => {
  const { path, remove } = await makeTempFolder('completion');
  file = join(path, 'proxyctl.bash');
  const { stdout, exitCode } = await proxyctl(['completion', 'bash'], { home: path });
  expect(exitCode).toBe(0);
  await writeFile(file, stdout);
  return remove;
});

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `source '${file}'; COMP_WORDS=(proxyctl ${quoted}); COMP_CWORD=${words.length}; _proxyctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run('bash', ['--noprofile', '--norc', '-c', script]);
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, their commands, flags and values', async () => {
  expect(await offered('re')).toEqual(['record', 'replay', 'redirect', 'recordings']);
  expect(await offered('toxic', 'la')).toEqual(['latency']);
  expect(await offered('toxic', '')).toContain('reset');
  expect(await offered('toxic', 'latency', '5ms', '--ji')).toEqual(['--jitter']);
  expect(await offered('toxic', 'latency', '5ms', '--stream', 'u')).toEqual(['up', 'upstream']);
  expect(await offered('record', '--test')).toEqual(['--test-id']);
  expect(await offered('completion', 'z')).toEqual(['zsh']);
});

test('behind -- bash completes another command line', async () => {
  expect(await offered('exec', '--', 'pyth')).not.toContain('proxyctl');
  expect(await offered('exec', '--', 'bas')).toContain('bash');
});

test.each(['zsh', 'fish'])('the script for %s names commands, toxics and flags', async (shell) => {
  const { stdout } = await proxyctl(['completion', shell], { home: await tempFolder('home') });
  for (const word of ['record', 'latency', 'test-id', 'upstream']) expect(stdout).toContain(word);
});

test('a reader that goes away early is no error', async () => {
  const command = `"$0" "$1" completion bash | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await run('bash', ['-c', command, process.execPath, proxyctlBin]);
  expect(stdout).toBe('# bash completion for proxyctl\n0');
  expect(stderr).toBe('');
});
