/** TLS sessions to resume, the latest for each server. Bounded; the least recently used go first. */
export class TlsSessions {
  readonly #sessions = new Map<string, Buffer>();

  constructor(readonly limit = 1000) {}

  get(key: string): Buffer | undefined {
    return this.#sessions.get(key);
  }

  set(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size <= this.limit) return;
    for (const eldest of this.#sessions.keys()) {
      this.#sessions.delete(eldest);
      break;
    }
  }

  delete(key: string): void {
    this.#sessions.delete(key);
  }
}
