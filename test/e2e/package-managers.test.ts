import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { proxyctlBin } from '../helpers/proxyctl.js';
import { pythonEnv, RealInput } from '../helpers/real-input.js';
import { treeDigest } from '../helpers/tree-digest.js';

/*
 * Each package manager talks to the registry that this machine has configured, records that, and then does the same
 * without any network, with caches as empty as the first time.
 */

test('npm install of a package with its dependencies replays to the same lock file and the same files', async () => {
  await using input = await RealInput.start('npm');
  const install = async (phase: 'record' | 'replay') => {
    const project = await newFolder(input, phase);
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'e2e', version: '1.0.0', private: true, dependencies: { express: '4.21.2' } }),
    );
    const cache = await newFolder(input, `${phase}-cache`);
    await input[phase]('npm install', {
      command: ['npm', 'install', '--cache', cache, '--no-audit', '--no-fund', '--no-update-notifier'],
      cwd: project,
    });
    return treeDigest(project);
  };
  const recorded = await install('record');
  expect(
    Object.keys(recorded).filter((path) => /^node_modules\/[^/.]+\/package\.json$/.test(path)).length,
  ).toBeGreaterThan(30);
  expect(await install('replay')).toEqual(recorded);
});

test('pip download of a package with its dependencies replays to the same files', async () => {
  await using input = await RealInput.start('pip');
  const download = async (phase: 'record' | 'replay') => {
    const folder = await newFolder(input, phase);
    await input[phase]('pip download', { command: pipDownload(folder), env: pythonEnv() });
    return treeDigest(folder);
  };
  const recorded = await download('record');
  expect(Object.keys(recorded).length).toBeGreaterThanOrEqual(5);
  expect(await download('replay')).toEqual(recorded);
});

test('pip download under latency and a narrow bandwidth feels both, live and replayed, and gets the same files', async () => {
  await using input = await RealInput.start('pip-toxics');
  const bytesPerSecond = 400_000;
  const download = async (phase: 'record' | 'replay') => {
    const folder = await newFolder(input, phase);
    const toxic = (...words: string[]) => quoted([process.execPath, proxyctlBin, 'toxic', ...words]);
    const script = [
      toxic('latency', '100ms'),
      toxic('bandwidth', `${bytesPerSecond / 1000}kb`),
      'date +%s%N > "$0.began"',
      quoted(pipDownload(folder)),
      'date +%s%N > "$0.ended"',
    ].join(' && ');
    const times = join(input.folder, phase);
    await input[phase]('pip under toxics', { command: ['sh', '-c', script, times], env: pythonEnv() });
    const [began = NaN, ended = NaN] = await Promise.all(
      ['began', 'ended'].map(async (when) => Number(await readFile(`${times}.${when}`, 'utf8')) / 1e9),
    );
    return { digests: await treeDigest(folder), bytes: await totalBytes(folder), seconds: ended - began };
  };
  const recorded = await download('record');
  const replayed = await download('replay');
  expect(replayed.digests).toEqual(recorded.digests);
  for (const { bytes, seconds } of [recorded, replayed]) {
    // One connection to the index and one to the files, one request after the other; each of the 10 and more waits 100
    // ms.
    expect(seconds).toBeGreaterThan(bytes / bytesPerSecond + 1);
  }
});

test('go mod download of a module with its dependencies replays to the same go.sum and the same module cache', async () => {
  await using input = await RealInput.start('go');
  const download = async (phase: 'record' | 'replay') => {
    const project = await newFolder(input, phase);
    await writeFile(
      join(project, 'go.mod'),
      'module example.test/e2e\n\ngo 1.21\n\nrequire github.com/spf13/cobra v1.8.1\n',
    );
    const cache = await newFolder(input, `${phase}-cache`);
    await input[phase]('go mod download', {
      command: ['go', 'mod', 'download', 'all'],
      cwd: project,
      // The module cache is read-only by default, and could not be removed.
      env: { GOPATH: cache, GOMODCACHE: join(cache, 'mod'), GOFLAGS: '-modcacherw -mod=mod' },
    });
    const modules = await treeDigest(join(cache, 'mod/cache/download'), (path) => !path.endsWith('.lock'));
    return { modules, sums: await readFile(join(project, 'go.sum'), 'utf8') };
  };
  const recorded = await download('record');
  expect(Object.keys(recorded.modules).filter((path) => path.endsWith('.zip')).length).toBeGreaterThanOrEqual(4);
  expect(await download('replay')).toEqual(recorded);
});

test('cargo fetch of a crate with its dependencies replays to the same Cargo.lock and the same crates', async () => {
  await using input = await RealInput.start('cargo');
  const fetchCrates = async (phase: 'record' | 'replay') => {
    const project = await newFolder(input, phase);
    await mkdir(join(project, 'src'));
    await writeFile(join(project, 'src/lib.rs'), '');
    await writeFile(
      join(project, 'Cargo.toml'),
      '[package]\nname = "e2e"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nregex = "1.11"\nserde = { version = "1", features = ["derive"] }\n',
    );
    const home = await newFolder(input, `${phase}-cargo`);
    await copyCargoConfiguration(home);
    await input[phase]('cargo fetch', { command: ['cargo', 'fetch'], cwd: project, env: { CARGO_HOME: home } });
    const crates = await treeDigest(join(home, 'registry/cache'));
    return { crates, lock: await readFile(join(project, 'Cargo.lock'), 'utf8') };
  };
  const recorded = await fetchCrates('record');
  expect(Object.keys(recorded.crates).length).toBeGreaterThanOrEqual(8);
  expect(await fetchCrates('replay')).toEqual(recorded);
});

function pipDownload(folder: string): string[] {
  return [
    'python3',
    '-m',
    'pip',
    'download',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--dest',
    folder,
    'requests==2.32.3',
  ];
}

/** Files of this machine that say which registry cargo uses; the rest of its home starts empty. */
async function copyCargoConfiguration(home: string): Promise<void> {
  const own = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');
  const names = await readdir(own).catch(() => []);
  for (const name of names.filter((entry) => /^(config|credentials)(\.toml)?$/.test(entry))) {
    await copyFile(join(own, name), join(home, name));
  }
}

async function newFolder(input: RealInput, name: string): Promise<string> {
  const folder = join(input.folder, name);
  await mkdir(folder, { recursive: true });
  return folder;
}

async function totalBytes(folder: string): Promise<number> {
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** For `sh -c`. */
function quoted(words: string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
