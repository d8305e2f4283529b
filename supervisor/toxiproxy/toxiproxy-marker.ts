import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeTempFolder } from '../../src/core/temp-folder.js';
import { ToxiproxyApi } from './toxiproxy-api.js';

/**
 * A proxy with a unique name that the child is started with. Whoever answers for it is that child, and not another
 * Toxiproxy that has taken the port at the same moment.
 */
export class ToxiproxyMarker {
  private constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {}

  get path(): string {
    return join(this.folder, 'start.json');
  }

  static async create(): Promise<ToxiproxyMarker> {
    const marker = new ToxiproxyMarker(await makeTempFolder('start'), `proxyctl-start-${randomUUID()}`);
    const proxy = { name: marker.name, listen: '127.0.0.1:0', upstream: '127.0.0.1:1', enabled: false };
    await writeFile(marker.path, JSON.stringify([proxy]));
    return marker;
  }

  /** Resolves once the API at `url` knows the marker, which is then removed there. */
  async seenAt(url: string, signal: AbortSignal): Promise<void> {
    await using api = new ToxiproxyApi(url, { limitMs: 2000 });
    for (;;) {
      const seen = await api.proxy(this.name).catch(() => undefined); // not listening yet
      if (seen !== undefined) {
        await api.deleteProxy(this.name);
        return;
      }
      await delay(5, undefined, { signal });
    }
  }

  async delete(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
