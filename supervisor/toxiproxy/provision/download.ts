import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { environment } from '../../../src/config/environment.js';
import { messageOf, ProxyctlError } from '../../../src/errors/index.js';

export interface DownloadOptions {
  signal: AbortSignal;
  /** Called for each piece that arrives. `total` is what the server announced, if anything. */
  onBytes?: (received: number, total: number | undefined) => void;
  /** Longest time until the response begins (name lookup, connection, TLS, redirects). */
  responseLimitMs?: number;
  /** Longest time in which no byte arrives. */
  stallLimitMs?: number;
  maxBytes?: number;
}

/**
 * Downloads `url` into the new file `to`, whose SHA-256 must be `sha256` (hex). Goes through `HTTPS_PROXY`/`HTTP_PROXY`
 * unless `NO_PROXY` says otherwise. On any failure the file is gone again. Throws `PROXYCTL_CHECKSUM` for another
 * digest, `PROXYCTL_TIMEOUT` when nothing arrives for too long, and an `Error` that says what happened otherwise.
 */
export async function downloadFile(url: string, to: string, sha256: string, options: DownloadOptions): Promise<void> {
  const hash = createHash('sha256');
  try {
    await download(url, options, async (pieces) => {
      await pipeline(
        pieces,
        async function* hashed(source: AsyncIterable<Uint8Array>) {
          for await (const piece of source) {
            hash.update(piece);
            yield piece;
          }
        },
        createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }),
      );
    });
    verify(url, hash.digest('hex'), sha256);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}

function verify(url: string, actual: string, expected: string): void {
  if (actual === expected) return;
  throw new ProxyctlError('PROXYCTL_CHECKSUM', `${url} has SHA-256 ${actual}, but ${expected} is expected`, {
    hint: 'The file was deleted. A proxy or mirror on the way may have changed it.',
    data: { url, actual, expected },
  });
}

/** Downloads a small text. Failures as for `downloadFile`. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
  const pieces: Uint8Array[] = [];
  await download(url, { maxBytes: 1_000_000, ...options }, async (source) => {
    for await (const piece of source) pieces.push(piece);
  });
  return Buffer.concat(pieces).toString('utf8');
}

/** Why nothing answers at `url` over HTTP, within 5 s; `undefined` if something does, whatever it says. */
export async function unreachableBecause(url: string, signal: AbortSignal): Promise<string | undefined> {
  const agent = proxyAgent();
  const limit = AbortSignal.timeout(5000);
  try {
    await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      dispatcher: agent,
      signal: AbortSignal.any([signal, limit]),
    });
    return undefined;
  } catch (error) {
    return limit.aborted ? 'no answer within 5 s' : messageOf(error);
  } finally {
    await agent.destroy();
  }
}

/** The server answered with a status that is not a success. */
export class DownloadStatusError extends Error {
  constructor(
    readonly url: string,
    readonly status: number,
  ) {
    super(`${url} was answered with status ${status}`);
    this.name = 'DownloadStatusError';
  }
}

/** The connection ended cleanly, but before what was announced. */
export class IncompleteDownloadError extends Error {
  constructor(url: string, received: number, total: number) {
    super(`${url} ended after ${received} of ${total} bytes`);
    this.name = 'IncompleteDownloadError';
  }
}

async function download(
  url: string,
  { signal, onBytes, responseLimitMs = 20_000, stallLimitMs = 30_000, maxBytes = 256_000_000 }: DownloadOptions,
  consume: (pieces: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const agent = proxyAgent();
  const watchdog = new Watchdog(signal);
  try {
    watchdog.expect(responseLimitMs, `${url} did not answer within ${responseLimitMs / 1000} s`);
    const response = await fetch(url, { dispatcher: agent, signal: watchdog.signal });
    if (!response.ok || response.body === null) throw new DownloadStatusError(url, response.status);
    const total = announcedLength(response);
    const { body } = response;
    await consume(
      (async function* counted() {
        let received = 0;
        const stalled = (): void =>
          watchdog.expect(stallLimitMs, `${url} sent nothing for ${stallLimitMs / 1000} s after ${received} bytes`);
        stalled();
        for await (const piece of body as AsyncIterable<Uint8Array>) {
          received += piece.byteLength;
          if (received > maxBytes) throw new Error(`${url} sends more than ${maxBytes} bytes`);
          stalled();
          onBytes?.(received, total);
          yield piece;
        }
        if (total !== undefined && received !== total) throw new IncompleteDownloadError(url, received, total);
      })(),
    );
  } catch (error) {
    watchdog.signal.throwIfAborted(); // says why, where fetch says only that it was aborted
    throw error;
  } finally {
    watchdog.stop();
    await agent.destroy();
  }
}

/** undici reads these variables by itself, but lets `http_proxy=` (set to nothing) hide `HTTP_PROXY`. */
function proxyAgent(): EnvHttpProxyAgent {
  return new EnvHttpProxyAgent({
    httpProxy: environment.get('http_proxy') ?? environment.get('HTTP_PROXY') ?? '',
    httpsProxy: environment.get('https_proxy') ?? environment.get('HTTPS_PROXY') ?? '',
    noProxy: environment.get('no_proxy') ?? environment.get('NO_PROXY') ?? '',
  });
}

/** `Content-Length`, when it counts the bytes that we see. */
function announcedLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

/** Aborts its signal when what is expected does not come in time, or when the caller gives up. */
class Watchdog {
  readonly #controller = new AbortController();
  readonly #giveUp: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly caller: AbortSignal) {
    this.#giveUp = () => this.#controller.abort(caller.reason);
    if (caller.aborted) this.#giveUp();
    else caller.addEventListener('abort', this.#giveUp, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  expect(limitMs: number, message: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#controller.abort(new ProxyctlError('PROXYCTL_TIMEOUT', message));
    }, limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.caller.removeEventListener('abort', this.#giveUp);
  }
}
