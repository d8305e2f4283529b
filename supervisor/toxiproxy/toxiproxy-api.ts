import { Proxy, Toxic, Toxiproxy } from 'toxiproxy-node-client';
import { z } from 'zod';
import { explainToxiproxyError } from './toxiproxy-errors.js';
import { ToxiproxyStatusError, ToxiproxyTransport } from './toxiproxy-transport.js';

const toxiproxyToxic = z.object({
  name: z.string(),
  /** Toxiproxy's word: `slow_close`. */
  type: z.string(),
  stream: z.enum(['upstream', 'downstream']),
  toxicity: z.number(),
  attributes: z.record(z.string(), z.number()),
});
/** A toxic as Toxiproxy has it. */
type ToxiproxyToxic = z.infer<typeof toxiproxyToxic>;

const toxiproxyProxy = z.object({
  name: z.string(),
  /** `127.0.0.1:41234`; the real port once it has listened. */
  listen: z.string(),
  upstream: z.string(),
  enabled: z.boolean(),
  toxics: z.array(toxiproxyToxic),
});
/** A proxy as Toxiproxy has it: for us, the listener of one session. */
export type ToxiproxyProxy = z.infer<typeof toxiproxyProxy>;

const proxiesByName = z.record(z.string(), toxiproxyProxy);

export interface NewToxiproxyProxy {
  name: string;
  /** Port 0 takes a free one. */
  listen: string;
  upstream: string;
  enabled?: boolean;
}

/** A little over the 25 s after which Toxiproxy answers 503 by itself. */
const defaultLimitMs = 27_000;

/**
 * Toxiproxy's HTTP API through toxiproxy-node-client: the one file that imports it. Every method throws
 * `ProxyctlError`: `PROXYCTL_PORT_IN_USE`, `PROXYCTL_NOT_FOUND` (proxy), `PROXYCTL_TOXIC_NOT_FOUND`,
 * `PROXYCTL_TOXIC_EXISTS`, `PROXYCTL_USAGE` (what was asked for is not valid), `PROXYCTL_TIMEOUT`, or `PROXYCTL_CHILD`
 * when it does not answer.
 */
export class ToxiproxyApi implements AsyncDisposable {
  readonly #transport: ToxiproxyTransport;
  readonly #client: Toxiproxy;
  /** What was read last: with a thousand proxies, to understand it costs more than all else that is done with it. */
  #listed: { text: string; proxies: readonly ToxiproxyProxy[] } | undefined;

  /** `url`: `http://127.0.0.1:8474`, without a trailing slash. */
  constructor(
    readonly url: string,
    { limitMs = defaultLimitMs }: { limitMs?: number } = {},
  ) {
    this.#transport = new ToxiproxyTransport(limitMs);
    this.#client = new Toxiproxy(url);
    this.#client.api = this.#transport.asLibraryTransport();
  }

  /** `2.12.0`; `git` for a server built without a version. */
  async version(): Promise<string> {
    const text = await this.#run('reading its version', () => this.#client.getVersion());
    // JSON since 2.7.0, the bare version before.
    return /"version":\s*"([^"]*)"/.exec(text)?.[1] ?? text.trim();
  }

  /** All proxies with their toxics: the very same list as before while Toxiproxy says the same. */
  async proxies(): Promise<readonly ToxiproxyProxy[]> {
    return this.#run('listing proxies', async () => {
      const text = await this.#transport.getText(`${this.url}/proxies`); // the library's own getAll() drops toxics
      if (text !== this.#listed?.text)
        this.#listed = { text, proxies: Object.values(proxiesByName.parse(JSON.parse(text))) };
      return this.#listed.proxies;
    });
  }

  /** One proxy with its toxics, `undefined` if there is none of this name. */
  async proxy(name: string): Promise<ToxiproxyProxy | undefined> {
    return this.#run(`reading proxy ${name}`, async () => {
      try {
        const { data } = await this.#client.getApi().get(`${this.url}/proxies/${encodeURIComponent(name)}`);
        return toxiproxyProxy.parse(data);
      } catch (error) {
        if (error instanceof ToxiproxyStatusError && error.status === 404) return undefined;
        throw error;
      }
    });
  }

  /** Creates a proxy and returns it with the address that it really listens on. */
  async createProxy(proxy: NewToxiproxyProxy): Promise<ToxiproxyProxy> {
    return this.#run(`creating proxy ${proxy.name} on ${proxy.listen}`, async () => {
      const created = await this.#client.createProxy(proxy);
      return { ...withoutToxics(created), toxics: [] };
    });
  }

  /** Changes what is given. A new address or upstream cuts open connections; so does `enabled: false`. */
  async updateProxy(
    name: string,
    change: Partial<Omit<NewToxiproxyProxy, 'name'>>,
  ): Promise<Omit<ToxiproxyProxy, 'toxics'>> {
    return this.#run(`changing proxy ${name} to ${JSON.stringify(change)}`, async () => {
      // The library's type wants all fields; Toxiproxy keeps those that are not sent.
      const updated = await this.#proxyHandle(name).update(change as Required<typeof change>);
      return withoutToxics(updated);
    });
  }

  /** Stops listening and cuts open connections. */
  async deleteProxy(name: string): Promise<void> {
    await this.#run(`deleting proxy ${name}`, () => this.#proxyHandle(name).remove());
  }

  async addToxic(proxy: string, toxic: ToxiproxyToxic): Promise<ToxiproxyToxic> {
    return this.#run(`adding toxic ${toxic.name} to ${proxy}`, async () => {
      const added = await this.#proxyHandle(proxy).addToxic(asLibraryToxic(toxic));
      return toxiproxyToxic.parse(added.toJson());
    });
  }

  /** Changes toxicity or attributes; attributes that are not given stay. */
  async updateToxic(
    proxy: string,
    name: string,
    change: { toxicity?: number; attributes?: Record<string, number> },
  ): Promise<ToxiproxyToxic> {
    return this.#run(`changing toxic ${name} of ${proxy}`, async () => {
      const updated = await this.#toxicHandle(proxy, name).update(change as Parameters<Toxic<unknown>['update']>[0]);
      return toxiproxyToxic.parse(updated.toJson());
    });
  }

  /** Removing a `timeout` toxic cuts the connections of its stream, as Toxiproxy has it. */
  async removeToxic(proxy: string, name: string): Promise<void> {
    await this.#run(`removing toxic ${name} of ${proxy}`, () => this.#toxicHandle(proxy, name).remove());
  }

  /** Removes all toxics of all proxies and enables all proxies. */
  async reset(): Promise<void> {
    await this.#run('resetting', () => this.#client.reset());
  }

  /** Closes the connections to it. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The library puts names into URLs as they are, so they are encoded before. */
  #proxyHandle(name: string): Proxy {
    return new Proxy(this.#client, {
      name: encodeURIComponent(name),
      listen: '',
      upstream: '',
      enabled: true,
      toxics: [],
    });
  }

  #toxicHandle(proxy: string, name: string): Toxic<unknown> {
    const toxic = {
      name: encodeURIComponent(name),
      type: '',
      stream: 'downstream' as const,
      toxicity: 1,
      attributes: {},
    };
    return new Toxic(this.#client.getApi(), this.#proxyHandle(proxy).getPath(), asLibraryToxic(toxic));
  }

  async #run<T>(doing: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw explainToxiproxyError(error, doing, this.url);
    }
  }
}

/** The library's toxic types are a closed list; Toxiproxy says itself what it does not know. */
function asLibraryToxic(toxic: ToxiproxyToxic): Parameters<Proxy['addToxic']>[0] {
  return toxic as Parameters<Proxy['addToxic']>[0];
}

function withoutToxics({ name, listen, upstream, enabled }: Proxy): Omit<ToxiproxyProxy, 'toxics'> {
  return toxiproxyProxy.omit({ toxics: true }).parse({ name, listen, upstream, enabled });
}
