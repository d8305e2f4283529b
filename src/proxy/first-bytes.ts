import type { Socket } from 'node:net';

/** What a client speaks in a tunnel: TLS, HTTP, something else, or too little to tell yet. */
type Spoken = 'tls' | 'http' | 'other' | 'undecided';

const longestMethod = 24;
const methodThenTarget = /^[A-Z][A-Z-]*[A-Z] (?:\/|\*|https?:)/;
const methodBegun = /^[A-Z][A-Z-]*(?: (?:h(?:t(?:t(?:p(?:s)?)?)?)?)?)?$/;

/**
 * Tells from the first bytes. TLS: a handshake record of version 3.x (RFC 8446 §5.1). HTTP/1: a method in capitals and
 * the start of a path or URL. HTTP/2 with prior knowledge begins as if it were HTTP/1 (`PRI * HTTP/2.0`, RFC 9113
 * §3.4).
 */
export function spoken(bytes: Buffer): Spoken {
  if (bytes.length === 0) return 'undecided';
  if (bytes[0] === 0x16) return bytes.length === 1 ? 'undecided' : bytes[1] === 3 ? 'tls' : 'other';
  const text = bytes.toString('latin1', 0, longestMethod + 8);
  if (methodThenTarget.test(text)) return 'http';
  return methodBegun.test(text) && text.length < longestMethod + 8 ? 'undecided' : 'other';
}

export type FirstWord = 'tls' | 'http' | 'other' | 'silence';

const nothing: Buffer = Buffer.alloc(0);

/** Waits until a client's first bytes tell what it speaks. They stay in the socket for whoever reads it next. */
export class FirstBytes {
  #seen: Buffer;
  #stop: () => void = () => undefined;

  constructor(
    readonly socket: Socket,
    head: Buffer,
  ) {
    this.#seen = head;
  }

  /**
   * Resolves with `silence` when nothing has come for so long. Rejects when the client goes away, and closes its
   * connection.
   */
  decide(silentForMs?: number): Promise<FirstWord> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const word = spoken(this.#seen);
        if (word === 'undecided') return;
        this.reattachToParser();
        resolve(word);
      };
      const onData = (data: Buffer): void => {
        this.#seen = this.#seen.length === 0 ? data : Buffer.concat([this.#seen, data]);
        look();
      };
      const onClose = (): void => {
        this.#stop();
        socket.destroy();
        reject(new Error('the client closed the connection'));
      };
      const onSilence = (): void => {
        this.#stop();
        resolve('silence');
      };
      const timer = silentForMs === undefined ? undefined : setTimeout(onSilence, silentForMs);
      this.#stop = () => {
        clearTimeout(timer);
        socket.pause().off('data', onData).off('close', onClose).off('end', onClose);
      };
      socket.on('data', onData).once('close', onClose).once('end', onClose).resume();
      look();
    });
  }

  /** Stops waiting, and leaves what was seen for the socket's next reader. */
  reattachToParser(): void {
    this.#stop();
    if (this.#seen.length > 0) this.socket.unshift(this.#seen);
    this.#seen = nothing;
  }
}
