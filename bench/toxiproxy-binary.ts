import path from 'node:path';
import { provisionToxiproxy, type ProvisionedToxiproxy } from '../supervisor/toxiproxy/provision/index.js';
import { root } from './paths.js';

/**
 * The Toxiproxy server that peers and proxyctl run: the one that proxyctl finds or fetches, kept where the tests keep
 * it.
 */
export function findToxiproxy(say: (line: string) => void, signal: AbortSignal): Promise<ProvisionedToxiproxy> {
  return provisionToxiproxy({
    cacheDir: path.join(root, 'node_modules/.cache/proxyctl/toxiproxy'),
    onProgress: ({ message }) => say(`Toxiproxy: ${message}`),
    signal,
  });
}
