import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { folderStore } from '../../src/store/folder-store.js';
import type { RecordingRef } from '../../src/store/recording-key.js';
import type { RecordingStore } from '../../src/store/recording-store.js';
import { ZipArchive } from '../../src/recordings/interchange/zip-archive.js';
import { Origin } from '../helpers/origin.js';
import { proxyctl } from '../helpers/proxyctl.js';
import type { Finished } from '../helpers/processes.js';
import { makeTempFolder, tempFolder } from '../helpers/temp-folder.js';
import { textOfFiles } from '../helpers/text-of-files.js';

const secret = 'correct-horse-battery';

let home: string;
let cwd: string;
let origin: Origin;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ path: home, remove } = await makeTempFolder('home'));
  origin = await Origin.start();
  const { exitCode, all } = await proxyctl(['up', '--detach'], { home });
  expect(exitCode, all).toBe(0);
});
beforeEach(async () => {
  cwd = await tempFolder('cwd');
});
afterAll(async () => {
  await proxyctl(['down'], { home });
  await origin.close();
  await remove();
});

const run = (...args: string[]): Promise<Finished> => proxyctl(args, { home, cwd });

/** A command with secrets in its arguments that asks the backend, and exits with `code`. */
function client(code = 0): string[] {
  const script = `await (await fetch(process.argv[1])).text(); process.exitCode = Number(process.argv[2])`;
  const secrets = ['-u', `me:${secret}`, `--data=password=${secret}`, `http://me:${secret}@host/?token=${secret}`];
  const node = [process.execPath, '--input-type=module', '-e', script, '--', origin.httpUrl('/json'), String(code)];
  return ['--', 'env', `PASSWORD=${secret}`, ...node, ...secrets, '-H', `Authorization: Bearer ${secret}`];
}

test('a recording says the name of its program, and no argument is anywhere on the disk', async () => {
  const { exitCode, all } = await run('record', '--test-id', 'shop', ...client());
  expect(exitCode, all).toBe(0);
  expect(all).not.toContain(secret);
  const stored = await textOfFiles(cwd);
  expect(stored).toContain('"command":["env"]');
  expect(stored).not.toContain(secret);
  expect(await textOfFiles(home)).not.toContain(secret);
});

test('neither is one in the journal of a recording that was rejected', async () => {
  const { exitCode } = await run('record', '--test-id', 'shop', ...client(3));
  expect(exitCode).toBe(3);
  const journals = await textOfFiles(join(home, 'journal'));
  expect(journals).toContain('CMD exited with 3');
  expect(journals).toMatch(/"command": \[\s*"env"\s*\]/);
  expect(await textOfFiles(home)).not.toContain(secret);
});

test('nor in that of one whose store was away, nor in what is pushed of it later', async () => {
  await writeFile(join(cwd, 'blocked'), '');
  const recorded = await run('record', '--test-id', 'shop', '--store', 'blocked/store', ...client());
  expect(recorded.all).toContain('PROXYCTL_NOT_PUBLISHED');
  const [journal = ''] = /\d{8}T\d{6}\.\d{3}Z-\w+/.exec(recorded.all) ?? [];
  expect(await textOfFiles(join(home, 'journal', journal))).toContain('"finished"');
  expect(await textOfFiles(home)).not.toContain(secret);
  // one that an earlier version left has them all the same
  const meta = join(home, 'journal', journal, 'meta.json');
  const {
    info,
    checksum: _,
    ...others
  } = JSON.parse(await readFile(meta, 'utf8')) as { info: object; checksum: number };
  const before = { ...others, formatVersion: 1, info: { ...info, command: ['/usr/bin/curl', '-u', secret] } };
  await writeFile(meta, JSON.stringify(before));
  const pushed = await run('recordings', 'push', journal, '--store', 'store');
  expect(pushed.exitCode, pushed.all).toBe(0);
  const stored = await textOfFiles(cwd);
  expect(stored).toContain('"command":["curl"]');
  expect(stored).not.toContain(secret);
});

test('nor in what the control API tells of its session meanwhile, nor in what is logged', async () => {
  const script = `const { PROXYCTL_URL: url, PROXYCTL_TOKEN: token, PROXYCTL_SESSION: id } = process.env;
    for (const path of ['/v1/sessions', '/v1/sessions/' + id, '/v1/sessions/' + id + '/summary', '/v1/status', '/v1/logs'])
      console.log(await (await fetch(url + path, { headers: { authorization: 'Bearer ' + token } })).text());`;
  const command = ['--', process.execPath, '--input-type=module', '-e', script, '--', secret];
  for (const mode of [['exec'], ['record', '--test-id', 'shop'], ['replay', '--test-id', 'shop']]) {
    const { exitCode, stdout, all } = await run(...mode, ...command);
    expect(exitCode, all).toBe(0);
    expect(stdout).toContain('"proxyUrl"');
    expect(stdout).not.toContain(secret);
  }
  expect(await textOfFiles(join(home, 'logs'))).not.toContain(secret);
});

test('nor in the reports on a command, which have its program’s name', async () => {
  const { exitCode, all } = await run('exec', '--report-dir', 'reports', '--allure', 'allure', ...client());
  expect(exitCode, all).toBe(0);
  expect(await readdir(join(cwd, 'reports'))).toEqual(['env%20live']);
  const reports = await textOfFiles(cwd);
  expect(reports).toContain('<testcase name="env"');
  expect(reports).not.toContain(secret);
});

/** Records, and makes of it what an earlier version would have stored. */
async function recordedBefore(): Promise<{ store: RecordingStore; ref: RecordingRef }> {
  const recorded = await run('record', '--test-id', 'shop', '--json', ...client());
  const { recording } = JSON.parse(recorded.stdout) as { recording: { recordingId: string } };
  const store = folderStore(join(cwd, '.proxyctl', 'recordings'));
  const ref = { testId: 'shop', appVersion: 'default', recordingId: recording.recordingId };
  const har = await readFile(store.harPlace(ref), 'utf8');
  await writeFile(store.harPlace(ref), har.replace('["env"]', JSON.stringify(['/usr/bin/curl', '-u', `me:${secret}`])));
  return { store, ref };
}

test('a recording from before that has arguments is found by a scan, which ends with 5 and does not tell them', async () => {
  await run('record', '--test-id', 'other', ...client());
  expect(await run('recordings', 'scan')).toMatchObject({ exitCode: 0 });
  const { ref } = await recordedBefore();
  const { exitCode, stdout, all } = await run('recordings', 'scan');
  expect(exitCode, all).toBe(5);
  expect(stdout).toBe(`shop ${ref.recordingId}\n  recording command: 3 of its words`);
  expect(all).not.toContain(secret);
  const { exitCode: ofOthers } = await run('recordings', 'scan', 'oth');
  expect(ofOthers).toBe(0);
});

test('what is shown, exported, copied or revised of a recording from before has no arguments any more', async () => {
  const { store, ref } = await recordedBefore();
  for (const words of [
    ['show', 'shop'],
    ['show', 'shop', '--json'],
    ['export', 'shop'],
  ]) {
    const { exitCode, stdout } = await run('recordings', ...words);
    expect([words, exitCode]).toEqual([words, 0]);
    expect(stdout).toContain('curl');
    expect(stdout).not.toContain(secret);
  }
  await run('recordings', 'export', 'shop', 'shop.har.zip', '--format', 'har.zip');
  await using zip = await ZipArchive.open(join(cwd, 'shop.har.zip'));
  const zipped = (await zip.read('har.har'))?.toString('utf8');
  expect(zipped).toContain('"command":["curl"]');
  expect(zipped).not.toContain(secret);
  await run('recordings', 'export', 'shop', 'shop.har');
  await run('recordings', 'pull', 'shop', '--to', 'copy');
  await run('recordings', 'promote', 'shop', '--to-branch', 'feature');
  await run('recordings', 'rules', 'set', 'shop', 'query seed');
  const hars = (await readdir(cwd, { recursive: true })).filter((name) => name.endsWith('.har'));
  expect(hars).toHaveLength(5);
  const withSecret = await Promise.all(
    hars.map(async (name) => ((await readFile(join(cwd, name), 'utf8')).includes(secret) ? [name] : [])),
  );
  expect(withSecret.flat().map((name) => join(cwd, name))).toEqual([store.harPlace(ref)]);
});
