import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildPath } from '../../supervisor/build-path.js';
import { readStackState, StateFile } from '../../supervisor/state-file.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxyctl-state-'));
  path = join(folder, 'home', 'stack.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const claim = (stale: string[] = []): Promise<StateFile> => StateFile.claim(path, '1.2.3', (file) => stale.push(file));

test('the state file is readable by its owner alone and says where the stack is', async () => {
  const file = await claim();
  await file.publish({ url: 'http://127.0.0.1:4600', token: 'secret' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readStackState(path)).toMatchObject({
    url: 'http://127.0.0.1:4600',
    token: 'secret',
    version: '1.2.3',
    process: { pid: process.pid },
  });
  await file.close();
  expect(await readStackState(path)).toBeUndefined();
});

test('a second stack on the same home is refused with the first one’s process id', async () => {
  const file = await claim();
  await expect(claim()).rejects.toMatchObject({
    code: 'PROXYCTL_STACK_RUNNING',
    message: expect.stringContaining(String(process.pid)) as string,
  });
  await file.close();
});

test('what a killed stack left behind is noticed and cleared', async () => {
  const script = `import { StateFile } from ${JSON.stringify(buildPath('supervisor/state-file.js'))};
    await StateFile.claim(${JSON.stringify(path)}, '1', () => {}); console.log('claimed'); setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  await expect(claim()).rejects.toMatchObject({ code: 'PROXYCTL_STACK_RUNNING' });
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(await readStackState(path)).toBeUndefined();
  const stale: string[] = [];
  const file = await claim(stale);
  expect(stale).toEqual([path]);
  await file.close();
});

test('a half-written state file counts as none', async () => {
  await (await claim()).close();
  await writeFile(path, '{"process":{"pid"');
  expect(await readStackState(path)).toBeUndefined();
  const file = await claim();
  expect(await readFile(path, 'utf8')).toContain(`"pid":${process.pid}`);
  await file.close();
});

test('of several that claim one home at once, exactly one has it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => claim()));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

describe('a state file in a form that this version does not know', () => {
  const write = async (value: unknown): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(value));
  };
  const scope = async (): Promise<string> => {
    const file = await claim();
    const { process: owner } = JSON.parse(await readFile(path, 'utf8')) as { process: { scope: string } };
    await file.close();
    return owner.scope;
  };

  test.each([
    ['a newer form', { formatVersion: 2, process: { pid: process.pid, scope: 'x' }, version: '9.0.0' }, true],
    ['another place for the process', { version: '9.0.0', pid: process.pid, address: {} }, true],
    ['a process that is told in another way', { version: '9.0.0', process: { pid: process.pid } }, true],
    ['nothing that is known', { daemon: 'yes' }, false],
    ['a process that cannot be judged', { version: '9.0.0', pid: 2 ** 22 + 1 }, false],
    ['a list', [1], false],
    ['null', null, false],
  ])('%s is a stack of another version, and none is started beside it', async (_, value, named) => {
    await write(value);
    const refused = { code: 'PROXYCTL_STACK_RUNNING', message: expect.stringContaining('another version') as string };
    await expect(readStackState(path)).rejects.toMatchObject(refused);
    const claiming = claim();
    await expect(claiming).rejects.toMatchObject(refused);
    if (named) await expect(claiming).rejects.toThrow(`process ${process.pid}`);
    else await expect(claiming).rejects.toMatchObject({ hint: expect.stringContaining(`remove ${path}`) as string });
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(value);
  });

  test('of a process that is surely gone is cleared', async () => {
    const gone = { pid: process.pid, startedAt: 'long ago', scope: await scope() };
    await write({ formatVersion: 2, process: gone, version: '9.0.0' });
    const stale: string[] = [];
    const file = await claim(stale);
    expect(stale).toEqual([path]);
    await file.close();
  });

  test('of another version that replaced ours is left alone when ours closes', async () => {
    const file = await claim();
    await write({ daemon: 'yes' });
    await file.close();
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ daemon: 'yes' });
  });

  test('a file of versions before formats had one is read', async () => {
    await write({ process: { pid: process.pid, scope: await scope() }, startedAt: 'now', version: '0.1.0' });
    expect(await readStackState(path)).toMatchObject({ version: '0.1.0' });
  });
});
