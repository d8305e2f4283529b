import type { WebSocket } from 'ws';
import { AsyncQueue } from './async-queue.js';
import { ProxyctlError } from '../errors/index.js';
import type { MissedEvents, SessionEvent } from '../protocol/session-event.js';
import type { StackAddress } from './transport.js';

export interface EventOptions {
  /** Of this session only. */
  session?: string;
  /** `seq` of the last event seen. */
  since?: number;
  /** Of these types only. */
  types?: readonly SessionEvent['type'][];
  /** Of exchanges only those with these hosts (`*`). */
  hosts?: readonly string[];
  /**
   * `response` and `failure` with their `entry`, in which bodies of up to so many bytes stand. For sessions with
   * `history`.
   */
  bodies?: number;
  signal?: AbortSignal;
}

/**
 * Events as they happen. It is opened by the first step of an iteration, or before by `ready`, and ends with the
 * iteration, with its block (`await using`), or when `signal` aborts. It can be iterated once.
 */
export interface EventStream extends AsyncIterable<SessionEvent | MissedEvents>, AsyncDisposable {
  /**
   * Resolves once all that happens from here on will be told: the moment to begin what is to be watched. Throws
   * `PROXYCTL_STACK_NOT_RUNNING` when the stack does not tell.
   */
  ready(): Promise<void>;
}

export function eventStream(address: StackAddress, options: EventOptions = {}): EventStream {
  let opened: Promise<Connection> | undefined;
  const open = (): Promise<Connection> => (opened ??= Connection.open(address, options));
  return {
    ready: async () => (await open()).ready,
    async *[Symbol.asyncIterator]() {
      const connection = await open();
      try {
        yield* connection.events();
      } finally {
        connection.close();
      }
    },
    async [Symbol.asyncDispose]() {
      (await opened)?.close();
    },
  };
}

class Connection {
  /** Resolves when the stack has begun to tell, rejects when it does not. */
  readonly ready: Promise<void>;
  readonly #queue = new AsyncQueue<SessionEvent | MissedEvents>();
  #closed = false;
  #failure: Error | undefined;

  private constructor(
    readonly socket: WebSocket,
    readonly address: StackAddress,
    readonly signal: AbortSignal | undefined,
  ) {
    socket.on('message', (data: Buffer) => {
      this.#queue.put(JSON.parse(data.toString('utf8')) as SessionEvent | MissedEvents);
    });
    socket.on('error', (error) => (this.#failure = error));
    socket.on('close', () => {
      this.#closed = true;
      signal?.removeEventListener('abort', this.close);
      this.#queue.wake();
    });
    this.ready = new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('close', () => reject(this.#brokenOff()));
    });
    this.ready.catch(() => undefined); // for those who ask; an iteration throws by itself
    if (signal?.aborted === true) this.close();
    signal?.addEventListener('abort', this.close, { once: true });
  }

  static async open(address: StackAddress, options: EventOptions): Promise<Connection> {
    const { default: Socket } = await import('ws'); // most programs that speak to a stack never follow its events
    const headers = { authorization: `Bearer ${address.token}` };
    const socket = new Socket(urlOf(address, options), { headers, handshakeTimeout: 10_000 });
    return new Connection(socket, address, options.signal);
  }

  async *events(): AsyncGenerator<SessionEvent | MissedEvents> {
    for (;;) {
      yield* this.#queue.takeAll();
      if (this.#queue.size > 0) continue;
      if (this.#closed) break;
      await this.#queue.arrival();
    }
    if (this.#failure !== undefined && this.signal?.aborted !== true) throw this.#brokenOff();
  }

  readonly close = (): void => this.socket.terminate();

  #brokenOff(): ProxyctlError {
    return new ProxyctlError('PROXYCTL_STACK_NOT_RUNNING', `The events of the stack at ${this.address.url} broke off`, {
      cause: this.#failure,
    });
  }
}

function urlOf({ url: base }: StackAddress, { session, since, types, hosts, bodies }: EventOptions): URL {
  const path = session === undefined ? '/v1/events' : `/v1/sessions/${encodeURIComponent(session)}/events`;
  const url = new URL(base.replace(/^http/, 'ws') + path);
  if (since !== undefined) url.searchParams.set('since', String(since));
  if (bodies !== undefined) url.searchParams.set('bodies', String(bodies));
  if (types !== undefined) url.searchParams.set('types', types.join());
  if (hosts !== undefined) url.searchParams.set('hosts', hosts.join());
  return url;
}
