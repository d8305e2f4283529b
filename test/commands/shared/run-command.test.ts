import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { run } from '../../helpers/processes.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const modules = new URL('../../../dist/src/commands/shared/', import.meta.url).href;

/**
 * A process that does what a command does with its CMD: runs it, prints how it ended on stderr, and exits with its
 * code.
 */
const runner = `
  import { Interrupts } from '${modules}interrupts.js';
  import { runCommand } from '${modules}run-command.js';
  import { reportError } from '${modules}report-error.js';
  import { Output } from '${modules}output.js';
  const output = new Output({ json: false });
  try {
    const env = { ...process.env };
    const result = await runCommand(process.argv.slice(1), { env, interrupts: new Interrupts(), stdoutToStderr: env.TO_STDERR === '1' });
    process.exitCode = result.exitCode;
    if (result.interruptedBy) output.note('interrupted by ' + result.interruptedBy);
  } catch (error) {
    process.exitCode = reportError(error, output);
  }
  process.exit();`;

const runnerArguments = (...command: string[]): string[] => ['--input-type=module', '-e', runner, '--', ...command];

function runCommand(...command: string[]) {
  return run(process.execPath, runnerArguments(...command));
}

/**
 * Starts the runner with a CMD that says `ready` and stays; `onSignal` is what it does on each signal, of that `name`.
 */
async function started(onSignal: string) {
  const cmd = `for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { ${onSignal} });
    setInterval(() => {}, 1000); console.log('ready');`;
  const child = execa(process.execPath, runnerArguments(process.execPath, '-e', cmd), {
    reject: false,
    stdin: 'ignore',
  });
  await once(child.stdout, 'data');
  return { child }; // on its own it would be awaited, as it is a promise too
}

test('stdin, stdout and stderr are CMD’s own, and its exit code is passed through', async () => {
  const { exitCode, stdout, stderr } = await runCommand('sh', '-c', 'echo out; echo err >&2; exit 42');
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 42, stdout: 'out', stderr: 'err' });
  const echoed = await run(process.execPath, runnerArguments('cat'), { input: 'hello' });
  expect(echoed.stdout).toBe('hello');
});

test('CMD’s stdout goes to stderr where stdout is for JSON', async () => {
  const { stdout, stderr } = await run(process.execPath, runnerArguments('echo', 'out'), { env: { TO_STDERR: '1' } });
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'out' });
});

test.each([
  ['TERM', 143],
  ['KILL', 137],
  ['INT', 130],
] as const)('a CMD ended by SIG%s gives %i', async (name, code) => {
  expect((await runCommand('sh', '-c', `kill -${name} $$`)).exitCode).toBe(code);
});

test('a CMD that does not exist gives 127, with what to do', async () => {
  const { exitCode, stderr } = await runCommand('no-such-program');
  expect(exitCode).toBe(127);
  expect(stderr).toContain('PROXYCTL_COMMAND_NOT_FOUND: "no-such-program" is not on PATH');
  const words = await runCommand('npm test');
  expect(words.exitCode).toBe(127);
  expect(words.stderr).toContain('as separate words');
});

test('a CMD that cannot be run gives 126, with what to do', async () => {
  const file = join(await tempFolder(), 'script.sh');
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o644);
  const { exitCode, stderr } = await runCommand(file);
  expect(exitCode).toBe(126);
  expect(stderr).toContain('PROXYCTL_COMMAND_NOT_EXECUTABLE');
  expect(stderr).toContain(`chmod +x ${file}`);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s is handed on to CMD, which may end in its own way',
  async (name) => {
    const { child } = await started("console.log('got ' + name); process.exitCode = 7; setImmediate(process.exit);");
    child.kill(name);
    const { exitCode, stdout, stderr } = await child;
    expect(stdout).toBe(`ready\ngot ${name}`);
    expect(stderr).toBe(`interrupted by ${name}`);
    expect(exitCode).toBe(7);
  },
);

test('a second interrupt kills a CMD that will not end', async () => {
  const { child } = await started("console.log('got it')");
  child.kill('SIGINT');
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect((await child).exitCode).toBe(137);
});

test('a Ctrl-C in a terminal reaches CMD once', async (context) => {
  const cmd = `let count = 0; process.on('SIGINT', () => console.log('got ' + ++count)); console.log('ready');
    setTimeout(() => process.exit(5), 1000);`; // time for a second signal to come, if there were one
  const words = [process.execPath, ...runnerArguments(process.execPath, '-e', cmd)];
  const inTerminal = `exec ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`;
  const probe = await run('script', ['--version']).catch(() => context.skip('no script(1) here'));
  expect(probe.exitCode).toBe(0);
  const child = execa('script', ['-qec', inTerminal, '/dev/null'], { reject: false, stdin: 'pipe' });
  let shown = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    shown += chunk.toString();
    if (shown.includes('ready')) break;
  }
  child.stdin.write('\x03');
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const { exitCode } = await child;
  expect(shown.match(/got \d/g)).toEqual(['got 1']);
  expect(exitCode).toBe(5);
});
