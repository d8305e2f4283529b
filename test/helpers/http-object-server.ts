import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/**
 * A folder served over plain HTTP, for one test: GET, HEAD, PUT and DELETE of files with ETags, `If-Match`,
 * `If-None-Match` and `Range`; GET of `/?prefix=` lists files as JSON. Returns its URL.
 */
export async function startHttpObjectServer(root: string): Promise<string> {
  const etags = new Map<string, { etag: string; written: string }>();
  /** Another one for each file that was put there, by whomever. */
  const look = (path: string) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return undefined;
    const written = `${found.mtimeMs} ${found.size} ${found.ino}`;
    const known = etags.get(path);
    const etag = known?.written === written ? known.etag : `"${randomUUID()}"`;
    etags.set(path, { etag, written });
    return { etag, size: found.size, modifiedAt: found.mtime };
  };
  const put = async (path: string, incoming: IncomingMessage): Promise<number> => {
    const data = await buffer(incoming); // one that breaks off throws
    // From here on in one turn, so that nobody comes between.
    if (!meets(look(path)?.etag, incoming)) return 412;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = join(root, `upload-${randomUUID()}`);
    writeFileSync(temporary, data);
    renameSync(temporary, path);
    etags.delete(path);
    return 204;
  };
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const url = new URL(incoming.url ?? '/', 'http://server');
    const path = join(root, ...url.pathname.split('/').map(decodeURIComponent));
    const prefix = url.searchParams.get('prefix');
    if (prefix !== null) return response.end(JSON.stringify(listed(root, prefix, look)));
    if (incoming.method === 'PUT') return response.writeHead(await put(path, incoming)).end();
    const found = look(path);
    if (incoming.method === 'DELETE') {
      const status = found === undefined ? 404 : meets(found.etag, incoming) ? 204 : 412;
      if (status === 204) rmSync(path);
      for (let folder = dirname(path); status === 204 && folder !== root; folder = dirname(folder))
        if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
      return response.writeHead(status).end();
    }
    if (found === undefined) return response.writeHead(404).end();
    if (incoming.headers['if-none-match'] === found.etag) return response.writeHead(304).end();
    if (!meets(found.etag, incoming)) return response.writeHead(412).end();
    const start = Number(/^bytes=(\d+)-$/.exec(incoming.headers.range ?? '')?.[1] ?? 0);
    const headers = { etag: found.etag, 'last-modified': found.modifiedAt.toUTCString() };
    response.writeHead(start > 0 ? 206 : 200, { ...headers, 'content-length': found.size - start });
    if (incoming.method === 'HEAD') return response.end();
    return createReadStream(path, { start }).pipe(response);
  };
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function meets(etag: string | undefined, { headers }: IncomingMessage): boolean {
  if (headers['if-none-match'] === '*' && etag !== undefined) return false;
  return headers['if-match'] === undefined || headers['if-match'] === etag;
}

function listed(root: string, prefix: string, look: (path: string) => object | undefined) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ key: relative(root, path).replaceAll('\\', '/'), found: look(path) }))
    .filter(({ key, found }) => found !== undefined && key.startsWith(prefix) && !key.startsWith('upload-'))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, found }) => ({ key, ...found }));
}
