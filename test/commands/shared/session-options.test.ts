import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { storeUrl } from '../../../src/commands/shared/session-options.js';
import { tempFolder } from '../../helpers/temp-folder.js';

test('a store is a folder, a URL, or one that the config file has by name', async () => {
  const folder = await tempFolder();
  const config = join(folder, 'proxyctl.config.yaml');
  await writeFile(config, 'store: staging\nstores: { staging: "s3://team/staging?region=eu-1", local: here }\n');
  process.env.PROXYCTL_CONFIG = config;
  onTestFinished(() => void delete process.env.PROXYCTL_CONFIG);
  expect(storeUrl(undefined)).toBe('s3://team/staging?region=eu-1');
  expect(storeUrl('local')).toBe(join(folder, 'here'));
  expect(storeUrl('elsewhere')).toBe(resolve('elsewhere'));
  expect(storeUrl('s3://other/x')).toBe('s3://other/x');
  await writeFile(config, 'store: recordings\n');
  expect(storeUrl(undefined)).toBe(join(folder, 'recordings'));
  await writeFile(config, '');
  expect(storeUrl(undefined)).toBe(resolve('.proxyctl/recordings'));
});
