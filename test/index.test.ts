import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from './helpers/temp-folder.js';

const root = fileURLToPath(new URL('..', import.meta.url));

test('a program that depends on the package starts a stack, steers it through the client, and leaves nothing running', async () => {
  const folder = await tempFolder('library');
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'proxyctl'));
  await writeFile(
    join(folder, 'program.mjs'),
    `import { Stack } from 'proxyctl';
     import { connectStack } from 'proxyctl/client';
     const stack = await Stack.start();
     const api = connectStack(stack.api.address);
     const session = await api.sessions.create({});
     await api.toxics.add(session.id, { type: 'latency', attributes: { latency: '20ms' } });
     console.log(JSON.stringify(await api.sessions.get(session.id)));
     await stack.close();`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], {
    cwd: folder,
    env: { ...process.env, PROXYCTL_HOME: join(folder, 'home') },
  });
  expect(JSON.parse(stdout)).toMatchObject({
    mode: 'live',
    state: 'ready',
    toxics: [{ type: 'latency', attributes: { latency: 20, jitter: 0 } }],
  });
});
