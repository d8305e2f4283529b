import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustRun, run } from '../helpers/processes.js';
import { proxyctl } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('ca trust nss makes a database, replaces a CA of ours that is there, and takes it back', async () => {
  const folder = await tempFolder('nss');
  const home = join(folder, 'user');
  const trust = (of: string, ...flags: string[]) =>
    proxyctl(['ca', 'trust', 'nss', ...flags], { home: join(folder, of), env: { HOME: home } });
  const names = async () => (await mustRun('certutil', ['-L', '-d', `sql:${join(home, '.pki/nssdb')}`])).stdout;

  expect(await trust('one')).toMatchObject({ exitCode: 0 });
  // The CA of another home: the one before it is trusted no more.
  expect(await trust('two')).toMatchObject({ exitCode: 0 });
  expect((await names()).split('\n').filter((line) => line.startsWith('proxyctl CA'))).toEqual([
    expect.stringMatching(/ C,, *$/),
  ]);
  expect((await trust('two', '--remove')).stdout).toContain('no more');
  expect(await names()).not.toContain('proxyctl');
  expect((await trust('two', '--remove')).stdout).toContain('did not trust');
});

test('ca trust says what to install where certutil is missing', async () => {
  const folder = await tempFolder('nss');
  const finished = await proxyctl(['ca', 'trust', 'nss', '--folder', join(folder, 'nss')], {
    home: folder,
    env: { PATH: folder },
  });
  expect(finished.exitCode).toBe(13);
  expect(finished.stderr).toContain('certutil is not on PATH');
  expect(finished.stderr).toContain('libnss3-tools');
});

test('ca trust java adds our CA to the store of a Java, and takes it back', async () => {
  const folder = await tempFolder('java');
  const real = /java\.home = (.+)/.exec((await run('java', ['-XshowSettings:properties', '-version'])).all)?.[1] ?? '';
  const security = join(folder, 'java/lib/security');
  await mkdir(security, { recursive: true });
  await cp(join(real, 'lib/security/cacerts'), join(security, 'cacerts'), { dereference: true });
  const trust = (...flags: string[]) =>
    proxyctl(['ca', 'trust', 'java', '--folder', join(folder, 'java'), ...flags], { home: folder });
  const list = async () =>
    (await mustRun('keytool', ['-list', '-keystore', join(security, 'cacerts'), '-storepass', 'changeit'])).stdout;

  expect(await trust()).toMatchObject({ exitCode: 0 });
  expect(await trust()).toMatchObject({ exitCode: 0 });
  expect(await list()).toContain('proxyctl-ca, ');
  expect(await trust('--remove')).toMatchObject({ exitCode: 0 });
  expect(await list()).not.toContain('proxyctl-ca');
});
