import { expect, test } from 'vitest';
import { commandEntries } from '../src/commands/index.js';
import { proxyctl } from './helpers/proxyctl.js';
import { tempFolder } from './helpers/temp-folder.js';

async function ran(...args: string[]) {
  return proxyctl(args, { home: await tempFolder('home') });
}

test('without arguments the help is shown, with every command in it', async () => {
  const { exitCode, stdout, stderr } = await ran();
  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  for (const { word, summary } of commandEntries) {
    expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
    expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
  }
});

test('the overview says what each single command says of itself', async () => {
  for (const { word, summary, load } of commandEntries) {
    const declarations = await load();
    for (const { name } of declarations) expect(name.split(' ')[0]).toBe(word);
    const [only] = declarations;
    if (only?.name === word) expect(only.summary).toBe(summary);
  }
});

test('every command has help with examples that begin with its name', async () => {
  const declarations = (await Promise.all(commandEntries.map(({ load }) => load()))).flat();
  for (const { name, examples, summary } of declarations) {
    expect(examples.length, name).toBeGreaterThan(0);
    expect(summary, name).toMatch(/^[A-Z].*[^.]$/);
    expect(
      examples.some((example) => example.includes(name)),
      name,
    ).toBe(true);
  }
  const { stdout, exitCode } = await ran('toxic', 'latency', '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Usage: proxyctl toxic latency <duration> [options]');
  expect(stdout).toContain('proxyctl toxic latency 300ms --jitter 50ms');
  expect(stdout).toContain('--json');
});

test('help goes before or behind a command', async () => {
  const before = await ran('help', 'ca', 'export');
  expect(before.stdout).toContain('Usage: proxyctl ca export');
  expect(before.stdout).toBe((await ran('ca', 'export', '--help')).stdout);
});

test('--version prints the version of the package', async () => {
  const { stdout, exitCode } = await ran('--version');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
  expect(exitCode).toBe(0);
});

const usageErrors: [args: string[], message: string][] = [
  [['statsu'], "PROXYCTL_USAGE: Unknown command 'statsu'\nDid you mean status?"],
  [['toxic', 'latncy', '3ms'], "PROXYCTL_USAGE: Unknown command 'latncy'\nDid you mean latency?"],
  [['status', '--jsn'], "PROXYCTL_USAGE: Unknown option '--jsn'\nDid you mean --json?"],
  [['toxic', 'latency'], "PROXYCTL_USAGE: Missing required argument 'duration'"],
  [['toxic', 'latency', '200'], 'PROXYCTL_USAGE: duration: "200" has no unit\nWrite 200ms or 200s.'],
  [['toxic', 'latency', '-5ms'], 'PROXYCTL_USAGE: "-5ms" is negative'],
  [['toxic', 'latency', '5ms', '--jitter', '-5ms'], 'PROXYCTL_USAGE: --jitter: "-5ms" is negative'],
  [['toxic', 'latency', '5ms', '--toxicity', '2'], 'PROXYCTL_USAGE: --toxicity: "2" is over 1\nWrite 2% or 0.02.'],
  [['toxic', 'latency', '5ms', '--stream', 'sideways'], 'PROXYCTL_USAGE: --stream: "sideways" is not one of up, down'],
  [['toxic', 'latency', '5ms', '--stream', 'upsteam'], 'Did you mean upstream?'],
  [['logs', '-n', 'few'], 'PROXYCTL_USAGE: --lines: "few" is not a whole number from 0'],
  [['record', '--', 'true'], 'PROXYCTL_USAGE: --test-id is missing'],
  [['record', '--test-id', '', '--', 'true'], 'PROXYCTL_USAGE: --test-id: must not be empty'],
  [
    ['record', '--test-id', 'a', '--proxy-port', '70000', '--', 'true'],
    '--proxy-port: "70000" is not a whole number from 0 to 65535',
  ],
  [['exec'], 'PROXYCTL_USAGE: proxyctl exec needs a command to run\nWrite it after --'],
  [['exec', '--'], 'PROXYCTL_USAGE: No command follows --'],
  [['exec', 'curl', 'x'], 'PROXYCTL_USAGE: An argument stands where none belongs\nThe command to run goes after --'],
  [['status', '--', 'x'], 'PROXYCTL_USAGE: proxyctl status runs no command'],
  [['completion', 'powershell'], 'PROXYCTL_USAGE: shell: "powershell" is not one of bash, zsh, fish'],
];

test.each(usageErrors)('%j is refused with exit code 2, saying what is wrong and what to do', async (args, message) => {
  const { exitCode, stdout, stderr } = await ran(...args);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(exitCode).toBe(2);
  expect(stderr).not.toContain('    at '); // no stack
});

test('a group without a command shows its help on stderr and exits with 2', async () => {
  const { exitCode, stdout, stderr } = await ran('toxic');
  expect(stderr).toContain('latency');
  expect(stdout).toBe('');
  expect(exitCode).toBe(2);
});

test('with --json an error is one line of JSON on stderr', async () => {
  const { exitCode, stdout, stderr } = await ran('toxic', 'latency', '200', '--json');
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'PROXYCTL_USAGE',
      message: 'duration: "200" has no unit',
      hint: 'Write 200ms or 200s.',
      data: { parameter: 'duration', value: '200' },
    },
  });
  expect(stdout).toBe('');
  expect(exitCode).toBe(2);
});

test('what comes after -- is never taken for ours', async () => {
  const { exitCode, stderr } = await ran('record', '--', 'x', '--test-id', 'a', '--json');
  expect(stderr).toContain('proxyctl: PROXYCTL_USAGE: --test-id is missing');
  expect(exitCode).toBe(2);
});
