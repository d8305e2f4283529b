import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('an encrypted store of the config file records and replays with its key, never runs CMD without it, and the key is nowhere', async () => {
  const [home, cwd, origin] = [await tempFolder('home'), await tempFolder('cwd'), await Origin.start()];
  onTestFinished(() => origin.close());
  await writeFile(join(cwd, 'proxyctl.config.yaml'), 'store: safe\nstores: { safe: "encrypted:kept" }\n');
  const key = randomBytes(32).toString('base64');
  const said: string[] = [];
  const run = async (storeKey: string, args: string[]) => {
    const finished = await proxyctl(args, { home, cwd, env: { PROXYCTL_STORE_KEY: storeKey } });
    said.push(finished.all);
    return finished;
  };
  const script = 'console.log(await (await fetch(process.argv[1])).text())';
  const client = ['--', process.execPath, '--input-type=module', '-e', script, origin.httpUrl('/json?secret-word=tea')];

  const refused = await run('', ['record', '--test-id', 'shop', ...client]);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toContain('PROXYCTL_STORE_KEY is not set');
  expect(refused.stderr).toContain('openssl rand -base64 32');

  const recorded = await run(key, ['record', '--test-id', 'shop', ...client]);
  expect(recorded, recorded.all).toMatchObject({ exitCode: 0 });
  await origin.close();
  const replayed = await run(key, ['replay', '--test-id', 'shop', ...client]);
  expect(replayed, replayed.all).toMatchObject({ exitCode: 0, stdout: recorded.stdout });
  const wrong = await run(randomBytes(32).toString('hex'), ['replay', '--test-id', 'shop', ...client]);
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
  expect(wrong.stderr).toContain('was encrypted with another key');

  const raw = Buffer.from(key, 'base64');
  for (const path of [...(await filesIn(home)), ...(await filesIn(cwd))]) {
    const content = await readFile(path);
    for (const form of [key, raw, raw.toString('hex')]) expect(content.includes(form), path).toBe(false);
    if (path.startsWith(join(cwd, 'kept'))) expect(content.includes('secret-word'), path).toBe(false);
  }
  expect(said.join('\n')).not.toContain(key);
  expect((await filesIn(join(cwd, 'kept'))).length).toBeGreaterThan(1);
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
