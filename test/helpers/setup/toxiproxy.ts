import { fileURLToPath } from 'node:url';
import { provisionToxiproxy } from '../../../supervisor/toxiproxy/provision/index.js';
import { once } from './once.js';

/**
 * Finds or fetches the real Toxiproxy, into a cache beside `node_modules`, and names it in `PROXYCTL_TOXIPROXY` for
 * every test and the processes that tests start. A variable that is set is honoured.
 */
export default async function setup(): Promise<void> {
  const { path } = await once('toxiproxy', () =>
    provisionToxiproxy({
      cacheDir: fileURLToPath(new URL('../../../node_modules/.cache/proxyctl/toxiproxy', import.meta.url)),
      onProgress: ({ message }) => void process.stderr.write(`toxiproxy: ${message}\n`),
    }),
  );
  process.env.PROXYCTL_TOXIPROXY = path;
}
