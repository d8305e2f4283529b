import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import { Origin } from '../helpers/origin.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { makeTempFolder } from '../helpers/temp-folder.js';
import { textOfFiles } from '../helpers/text-of-files.js';

const token = 'Zq8Yt3kLm9ZxW2vB7nC1';
/** Sends a secret by its name, and once more in a file. */
const upload = `
  const [url, token] = process.argv.slice(1);
  const send = (type, body) => fetch(url, { method: 'POST', headers: { 'content-type': type }, body }).then((r) => r.text());
  await send('application/json', JSON.stringify({ token }));
  await send('application/octet-stream', Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0x80]), Buffer.from(token)]));
`;

let root: string;
let origin: Origin;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: root, remove } = await makeTempFolder('anyway'));
  origin = await Origin.start();
});
afterAll(async () => {
  await origin.close();
  await remove();
});

test.each(['record', 'run'])(
  '%s does not publish what has a secret in a file, says where it is, and does so when told',
  async (command) => {
    const store = join(root, command, 'store');
    const execute = (...flags: string[]) => {
      const client = [
        '--',
        process.execPath,
        '--input-type=module',
        '-e',
        upload,
        '--',
        origin.httpUrl('/bytes/9'),
        token,
      ];
      const args = [command, '--test-id', 'shop', '--store', store, ...flags, ...client];
      return proxyctl(args, { home: join(root, command, 'home'), cwd: root });
    };
    const refused = await execute();
    expect(refused.exitCode, refused.all).toBe(5);
    expect(refused.stderr).toMatch(/1 secret .*POST .*\/bytes\/9: request body \(20 characters\)/);
    const [push = ''] = /recordings push \S+(?=\.)/.exec(refused.stderr) ?? [];
    expect(refused.stderr).toContain('--publish-anyway');
    expect(refused.stderr).not.toContain(token);
    expect(await textOfFiles(store).catch(() => '')).not.toContain(token);

    const home = join(root, command, 'home');
    expect((await proxyctl(push.split(' '), { home, cwd: root })).exitCode).toBe(5);
    const pushed = await proxyctl([...push.split(' '), '--publish-anyway'], { home, cwd: root });
    expect(pushed.exitCode, pushed.all).toBe(0);
    expect(await textOfFiles(store)).toContain(token);

    const told = await execute('--publish-anyway');
    expect(told.exitCode, told.all).toBe(0);
  },
);
