import type { ChildStatus } from '../src/api/schemas.js';
import type { Logger } from '../src/core/logger.js';
import { messageOf } from '../src/errors/index.js';
import type { ProcessExit } from './toxiproxy/toxiproxy-server.js';

/** A child that is up. */
export interface RunningChild {
  readonly pid: number;
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly url?: string;
  readonly version?: string;
  /** Since when it has not answered, ISO 8601. */
  readonly silentSince?: string | undefined;
  close(): Promise<void>;
}

interface SupervisedChildOptions<Child extends RunningChild> {
  name: string;
  start: (signal: AbortSignal) => Promise<Child>;
  /** Called each time that the child is up, before it counts as ready; puts back what it should know. */
  onUp: (child: Child, generation: number) => Promise<void>;
  /** Called each time that the child has ended. */
  onDown?: (how: string) => void;
  logger: Logger;
  /** First and longest wait before a restart. */
  backoffMs?: { first: number; longest: number };
}

/** A run of this length counts as healthy, and the back-off begins anew. */
const healthyAfterMs = 10_000;

/** Keeps one child alive: starts it, notices its end, starts it again after an exponential back-off, until closed. */
export class SupervisedChild<Child extends RunningChild> {
  readonly name: string;
  readonly #options: SupervisedChildOptions<Child>;
  readonly #abort = new AbortController();
  #child: Child | undefined;
  #state: ChildStatus['state'] = 'starting';
  #since = new Date().toISOString();
  #restarts = 0;
  #generation = 0;
  #lastError: string | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: SupervisedChildOptions<Child>) {
    this.name = options.name;
    this.#options = options;
  }

  /** The child while it is up. */
  get child(): Child | undefined {
    return this.#child;
  }

  /** Counts up with each start; what was told to an earlier generation is forgotten. */
  get generation(): number {
    return this.#generation;
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  /**
   * Resolves once the child is up for the first time; rejects when its first start fails. Restarts go on by themselves.
   */
  async start(): Promise<void> {
    const child = await this.#startOnce();
    this.#loop = this.#keepAlive(child);
  }

  status(): ChildStatus {
    const silentSince = this.#state === 'ready' ? this.#child?.silentSince : undefined;
    return {
      name: this.name,
      state: silentSince === undefined ? this.#state : 'silent',
      restarts: this.#restarts,
      since: silentSince ?? this.#since,
      ...(this.#child === undefined ? {} : { pid: this.#child.pid }),
      ...(this.#child?.url === undefined ? {} : { url: this.#child.url }),
      ...(this.#child?.version === undefined ? {} : { version: this.#child.version }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  async close(): Promise<void> {
    this.#abort.abort(new Error('The stack is stopping'));
    await this.#child?.close();
    await this.#loop;
    this.#set('stopped');
  }

  async #startOnce(): Promise<Child> {
    const child = await this.#options.start(this.#abort.signal);
    this.#generation += 1;
    this.#child = child;
    try {
      await this.#options.onUp(child, this.#generation);
    } catch (error) {
      this.#child = undefined;
      await child.close();
      throw error;
    }
    this.#set('ready');
    return child;
  }

  async #keepAlive(first: Child): Promise<void> {
    let child = first;
    let attempt = 0;
    while (!this.#stopping()) {
      const upAt = performance.now();
      const how = inWords(await child.exited);
      this.#child = undefined;
      this.#options.onDown?.(how);
      if (this.#stopping()) return;
      if (performance.now() - upAt > healthyAfterMs) attempt = 0;
      this.#lastError = `ended by ${how}`;
      this.#options.logger.warn(`${this.name} ended (${how}); starting it again`);
      this.#set('restarting');
      const next = await this.#restart(attempt);
      if (next === undefined) return;
      child = next;
      attempt += 1;
    }
  }

  async #restart(earlier: number): Promise<Child | undefined> {
    const { first, longest } = this.#options.backoffMs ?? { first: 50, longest: 10_000 };
    for (let attempt = earlier; ; attempt += 1) {
      if (!(await this.#wait(Math.min(longest, first * 2 ** attempt)))) return undefined;
      this.#restarts += 1;
      try {
        const child = await this.#startOnce();
        this.#options.logger.info(`${this.name} is up again`, { pid: child.pid });
        return child;
      } catch (error) {
        if (this.#stopping()) return undefined;
        this.#lastError = messageOf(error);
        this.#options.logger.error(`${this.name} did not start`, { error: messageOf(error) });
        this.#set('failed');
      }
    }
  }

  /** False when the wait was cut short by `close`. */
  #wait(ms: number): Promise<boolean> {
    const { signal } = this.#abort;
    return new Promise((resolve) => {
      const onAbort = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      }, ms);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #stopping(): boolean {
    return this.#abort.signal.aborted;
  }

  #set(state: ChildStatus['state']): void {
    this.#state = state;
    this.#since = new Date().toISOString();
  }
}

function inWords({ code, signal, cause }: ProcessExit): string {
  return cause ?? signal ?? `exit code ${code}`;
}
