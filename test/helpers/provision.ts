import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { provisionToxiproxy } from '../../supervisor/provision/index.js';
import { provisionVersitygw } from './provision-versitygw.js';

const project = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs once before all test files. Finds or fetches the real Toxiproxy, into a cache beside `node_modules`, and names it in
 * `PROXYCTL_TOXIPROXY` for every test and the processes that tests start; the same for the S3 server, in
 * `PROXYCTL_TEST_VERSITYGW`. Existing variables are honoured.
 */
export default async function setup(): Promise<void> {
  await access(`${project}dist/bin/proxyctl.js`).catch(() => {
    process.stderr.write(
      'dist/ is not built: tests that start proxyctl will fail. Run `npm run build` (`npm test` does).\n',
    );
  });
  const { path } = await provisionToxiproxy({
    cacheDir: `${project}node_modules/.cache/proxyctl/toxiproxy`,
    onProgress: ({ message }) => void process.stderr.write(`toxiproxy: ${message}\n`),
  });
  process.env.PROXYCTL_TOXIPROXY = path;
  process.env.PROXYCTL_TEST_VERSITYGW = await provisionVersitygw(
    `${project}node_modules/.cache/proxyctl/versitygw`,
    (message) => void process.stderr.write(`versitygw: ${message}\n`),
  );
}
