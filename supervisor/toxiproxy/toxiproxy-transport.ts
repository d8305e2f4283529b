import { Agent, request, type Dispatcher } from 'undici';
import type { Toxiproxy } from 'toxiproxy-node-client';

/** Toxiproxy answered with a status that is not a success, and with what it said about it. */
export class ToxiproxyStatusError extends Error {
  constructor(
    readonly status: number,
    readonly said: string,
  ) {
    super(said === '' ? `Toxiproxy answered with status ${status}` : said);
    this.name = 'ToxiproxyStatusError';
  }
}

type LibraryTransport = Toxiproxy['api'];

/**
 * Carries the requests of toxiproxy-node-client in place of its own transport, which knows no time limit, drops the
 * text of errors, and uses the process's global `fetch`: on newer Node versions that one obeys `HTTP_PROXY`, which is
 * set in the environments that we make. This one always connects directly, and keeps its connections.
 */
export class ToxiproxyTransport implements Pick<LibraryTransport, 'get' | 'post' | 'delete' | 'getText'> {
  readonly #agent = new Agent({ connect: { timeout: 5000 }, keepAliveTimeout: 30_000 });

  /** `limitMs`: for one request. Toxiproxy itself gives up after 25 s and answers 503. */
  constructor(private readonly limitMs: number) {}

  /** In the shape that the library expects; it declares a class with private members that nobody else can implement. */
  asLibraryTransport(): LibraryTransport {
    return this as unknown as LibraryTransport;
  }

  async get<T>(url: string): Promise<{ data: T }> {
    return { data: await this.#json<T>('GET', url) };
  }

  async post<T>(url: string, body?: unknown): Promise<{ data: T }> {
    return { data: await this.#json<T>('POST', url, body) };
  }

  async delete(url: string): Promise<void> {
    await this.#send('DELETE', url);
  }

  getText(url: string): Promise<string> {
    return this.#send('GET', url);
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #json<T>(method: Dispatcher.HttpMethod, url: string, body?: unknown): Promise<T> {
    const text = await this.#send(method, url, body);
    return (text === '' ? undefined : JSON.parse(text)) as T; // `ToxiproxyApi` checks the shape
  }

  async #send(method: Dispatcher.HttpMethod, url: string, body?: unknown): Promise<string> {
    const response = await request(url, {
      dispatcher: this.#agent,
      method,
      signal: AbortSignal.timeout(this.limitMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new ToxiproxyStatusError(response.statusCode, errorText(text));
    return text;
  }
}

/** Toxiproxy's errors are `{"error": "toxic not found", "status": 404}`. */
function errorText(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'error' in value) return String(value.error);
  } catch {
    // not JSON: the router's plain `404 page not found`, or nothing at all
  }
  return text.trim();
}
