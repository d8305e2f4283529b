interface LivenessOptions {
  /** Asks the process for a sign of life; resolves when it comes. */
  ask: () => Promise<unknown>;
  limits: LivenessLimits;
  /** Told when it has not answered for too long, and when it answers again. */
  onChange: (silentSince: Date | undefined) => void;
  /** Told once when it has not answered for so long that nobody waits any more. */
  onGivenUp: () => void;
}

export interface LivenessLimits {
  /** A process that has not answered for so long is silent. */
  silentMs: number;
  /** One that has not answered for so long is given up. */
  giveUpMs: number;
}

const everyMs = 500;
/** A longer pause between two looks was this process's own: the machine was suspended, or it is very busy. */
const longestLookMs = 1000;
/** A process that owes an answer for so long gets no new work where another one has none to give. */
const lateMs = 1200;

/** Watches whether a process answers, by asking it for a sign of life over and over. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #timer: NodeJS.Timeout;
  #waiting = false;
  #waitedMs = 0;
  #lookedAt = performance.now();
  #askedAt = new Date();
  #silentSince: Date | undefined;
  #givenUp = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  /** When it was asked what it has not answered for too long; `undefined` while it answers. */
  get silentSince(): Date | undefined {
    return this.#silentSince;
  }

  /** Whether an answer is overdue, though not for long enough to call the process silent. */
  get isLate(): boolean {
    return this.#waitedMs > lateMs;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const { silentMs, giveUpMs } = this.#options.limits;
    if (!this.#waiting) this.#ask();
    else this.#waitedMs += Math.min(now - this.#lookedAt, longestLookMs);
    this.#lookedAt = now;
    if (this.#waitedMs >= silentMs && this.#silentSince === undefined) this.#set(this.#askedAt);
    if (this.#waitedMs < giveUpMs || this.#givenUp) return;
    this.#givenUp = true;
    this.#options.onGivenUp();
  }

  #ask(): void {
    this.#waiting = true;
    this.#askedAt = new Date();
    this.#options.ask().then(
      () => this.#answered(),
      () => this.#answered(), // It has ended, which others see.
    );
  }

  #answered(): void {
    this.#waiting = false;
    this.#waitedMs = 0;
    if (this.#silentSince !== undefined) this.#set(undefined);
  }

  #set(silentSince: Date | undefined): void {
    this.#silentSince = silentSince;
    this.#options.onChange(silentSince);
  }
}
