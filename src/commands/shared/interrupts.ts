import { constants } from 'node:os';

export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A signal asked proxyctl to end. Not a fault: nothing is printed for it, and the exit code is 128 + its number. */
export class InterruptedError extends Error {
  constructor(readonly signalName: InterruptSignal) {
    super(`Interrupted by ${signalName}`);
    this.name = 'InterruptedError';
  }

  get exitCode(): number {
    return signalExitCode(this.signalName);
  }
}

/** What a shell's `$?` is after a process was ended by this signal. */
export function signalExitCode(name: NodeJS.Signals): number {
  return 128 + constants.signals[name];
}

/** How long a command may take to put away what it started, in milliseconds. */
const maxEndingMs = 4500;

/** Takes a signal instead of `Interrupts.signal`; `count` is 1 for the first one, over all names. */
type InterruptHandler = (name: InterruptSignal, count: number) => void;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an `AbortSignal`, so that a command can put away what it started. While a CMD
 * runs, its runner takes the signals instead. What does not answer holds nothing up: the process ends some seconds
 * after the first signal (but for a Ctrl-C that CMD takes), and at once with the second one that nobody takes.
 */
export class Interrupts {
  readonly #abort = new AbortController();
  readonly #listener = (name: NodeJS.Signals): void => this.#receive(name as InterruptSignal);
  #handler: InterruptHandler | undefined;
  #count = 0;
  #first: InterruptSignal | undefined;
  #listening = false;
  #deadline: NodeJS.Timeout | undefined;

  /** Aborted, with an `InterruptedError` as its reason, once a signal came that no handler took. */
  get signal(): AbortSignal {
    this.#listen();
    return this.#abort.signal;
  }

  /** Why the command is to end, if it is. */
  get interruption(): InterruptedError | undefined {
    return this.#abort.signal.aborted ? (this.#abort.signal.reason as InterruptedError) : undefined;
  }

  /** Throws `InterruptedError` if any signal came, whoever took it. */
  throwIfInterrupted(): void {
    this.#listen();
    if (this.#first !== undefined) throw new InterruptedError(this.#first);
  }

  /**
   * Hands signals to `handler` until the returned function is called. A signal that came before is handed over at once.
   */
  takeOver(handler: InterruptHandler): () => void {
    this.#listen();
    this.#handler = handler;
    if (this.interruption !== undefined) handler(this.interruption.signalName, this.#count);
    return () => {
      this.#handler = undefined;
    };
  }

  /**
   * A signal that the next one aborts, whatever came before: for what follows an interruption. `release` gives them
   * back.
   */
  next(): { signal: AbortSignal; release: () => void } {
    this.#listen();
    const abort = new AbortController();
    this.#handler = (name) => abort.abort(new InterruptedError(name));
    return {
      signal: abort.signal,
      release: () => {
        this.#handler = undefined;
      },
    };
  }

  /** Resolves when a signal came. */
  async wait(): Promise<InterruptedError> {
    const { signal } = this;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return signal.reason as InterruptedError;
  }

  /** Gives the signals back to the system. */
  close(): void {
    for (const name of names) process.removeListener(name, this.#listener);
    this.#listening = false;
    clearTimeout(this.#deadline);
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const name of names) process.on(name, this.#listener);
  }

  #receive(name: InterruptSignal): void {
    this.#count += 1;
    this.#first ??= name;
    const isTaken = this.#handler !== undefined;
    if (this.#count > 2 || (this.#count > 1 && !isTaken)) this.#end(name);
    if (!isTaken || name !== 'SIGINT') this.#deadline ??= setTimeout(() => this.#end(name), maxEndingMs);
    if (this.#handler !== undefined) this.#handler(name, this.#count);
    else this.#abort.abort(new InterruptedError(name));
  }

  /** Ends the process on the spot. Its children see that it is gone, and end as well. */
  #end(name: InterruptSignal): never {
    process.stderr.write(
      `proxyctl: ended by ${name} before all was put away. What was recorded and is not published: proxyctl recordings push\n`,
    );
    process.exit(signalExitCode(name));
  }
}

const names: readonly InterruptSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
