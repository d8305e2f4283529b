import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { buffer } from 'node:stream/consumers';
import { ProxyctlError, systemCode } from '../../src/errors/index.js';
import {
  chunksOf,
  type Condition,
  type FoundObject,
  type GetOptions,
  type ListedObject,
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type PutOutcome,
  type RemoveOptions,
  type Source,
} from '../../src/store/objects/object-store.js';

/**
 * Objects of a plain HTTP server that has ETags (`http-object-server.ts`): all that a store backend has to do, in one
 * file.
 */
export class HttpObjects implements ObjectStore {
  readonly flatListing = true;

  constructor(private readonly base: string) {}

  async get(key: string, { unless, from }: GetOptions = {}): Promise<FoundObject | 'unchanged' | undefined> {
    const resumed = from && { range: `bytes=${from.offset}-`, 'if-match': from.version };
    const headers = { ...resumed, ...(unless !== undefined && { 'if-none-match': unless }) };
    const answer = await this.#ask('GET', key, { headers }, [200, 206, 304, 404, 412]);
    if (answer.status === 304) return 'unchanged';
    if (answer.status >= 400) return undefined;
    const { body, headers: said } = answer;
    const data = body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream<Uint8Array>);
    const failing = Readable.from(this.#reading(key, data), { objectMode: false }).once('close', () => data.destroy());
    return { body: failing, version: said.get('etag') ?? '', size: Number(said.get('content-length')) };
  }

  async stat(key: string): Promise<ObjectInfo | undefined> {
    const { status, headers } = await this.#ask('HEAD', key, {}, [200, 404]);
    if (status === 404) return undefined;
    const modifiedAt = new Date(headers.get('last-modified') ?? 0);
    return { size: Number(headers.get('content-length')), modifiedAt, version: headers.get('etag') ?? undefined };
  }

  async put(key: string, source: Source, { condition }: PutOptions = {}): Promise<PutOutcome> {
    const body = await buffer(Readable.from(chunksOf(source))); // a source that fails is not sent in part
    const { status } = await this.#ask('PUT', key, { body, headers: headersOf(condition) }, [204, 412]);
    return status === 412 ? 'lost' : 'done';
  }

  async remove(key: string, { version, unmodifiedSince }: RemoveOptions = {}): Promise<boolean> {
    const there = unmodifiedSince === undefined ? undefined : await this.stat(key);
    if (unmodifiedSince !== undefined && !(there !== undefined && there.modifiedAt <= unmodifiedSince)) return false;
    const headers = version === undefined ? {} : headersOf({ version });
    const { status } = await this.#ask('DELETE', key, { headers }, [204, 404, 412]);
    return status === 204 || (status === 404 && version === undefined);
  }

  async *list(prefix: string, { folders = false }: ListOptions = {}): AsyncGenerator<ListedObject, void, undefined> {
    const answer = await this.#ask('GET', '', { query: `?prefix=${encodeURIComponent(prefix)}` }, [200]);
    const listed = (await answer.json()) as (Omit<ListedObject, 'modifiedAt'> & { modifiedAt: string; etag: string })[];
    const seen = new Set<string>();
    for (const { key, size, modifiedAt, etag } of listed) {
      const end = key.indexOf('/', prefix.length);
      const folder = key.slice(0, end + 1);
      if (!folders) yield { key, size, modifiedAt: new Date(modifiedAt), version: etag };
      else if (end >= 0 && !seen.has(folder)) yield { key: folder, size: 0, modifiedAt: new Date(0) };
      seen.add(folder);
    }
  }

  url(key: string): string {
    return `${this.base}/${key.split('/').map(encodeURIComponent).join('/')}`;
  }

  async close(): Promise<void> {
    // Connections end by themselves.
  }

  async #ask(
    method: string,
    key: string,
    { query = '', ...init }: { query?: string; headers?: Record<string, string>; body?: Buffer },
    expected: readonly number[],
  ): Promise<Response> {
    const answer = await fetch(this.url(key) + query, { method, ...init }).catch((error: unknown) => {
      throw this.#failure(method, key, error);
    });
    if (expected.includes(answer.status)) return answer;
    throw this.#failure(method, key, new Error(`it answered ${answer.status}`), answer.status >= 500);
  }

  async *#reading(key: string, data: Readable): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of data as AsyncIterable<Uint8Array>) yield Buffer.from(chunk);
    } catch (error) {
      throw this.#failure('GET', key, error);
    }
  }

  #failure(
    method: string,
    key: string,
    cause: unknown,
    unreachable = systemCode(cause) !== undefined || cause instanceof TypeError,
  ) {
    const url = this.url(key);
    const message = `The store cannot ${method} ${url}: ${cause instanceof Error ? cause.message : String(cause)}`;
    return new ProxyctlError('PROXYCTL_STORE', message, {
      hint: 'Check the server.',
      cause,
      data: { url, unreachable },
    });
  }
}

function headersOf(condition: Condition | undefined): Record<string, string> {
  if (condition === undefined) return {};
  return condition === 'absent' ? { 'if-none-match': '*' } : { 'if-match': condition.version };
}
