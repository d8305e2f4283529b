import { existsSync } from 'node:fs';
import path from 'node:path';

/** The Toxiproxy server that peers run: the same that proxyctl runs. */
export async function toxiproxyBinary(_signal: AbortSignal): Promise<string> {
  const named = process.env['PROXYCTL_TOXIPROXY'];
  if (named !== undefined && named !== '') return named;
  const found = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'toxiproxy-server'))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error('No Toxiproxy: name its server in PROXYCTL_TOXIPROXY');
  return found;
}
