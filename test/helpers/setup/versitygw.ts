import { fileURLToPath } from 'node:url';
import { once } from './once.js';
import { provisionVersitygw } from './provision-versitygw.js';

/**
 * Finds or fetches the S3 server of the tests and names it in `PROXYCTL_TEST_VERSITYGW`. A variable that is set is
 * honoured.
 */
export default async function setup(): Promise<void> {
  process.env.PROXYCTL_TEST_VERSITYGW = await once('versitygw', () =>
    provisionVersitygw({
      cacheDir: fileURLToPath(new URL('../../../node_modules/.cache/proxyctl/versitygw', import.meta.url)),
      report: (message) => void process.stderr.write(`versitygw: ${message}\n`),
    }),
  );
}
