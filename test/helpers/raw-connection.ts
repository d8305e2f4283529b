import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

export interface RawHead {
  /** `HTTP/1.1 200 OK`, or the request line. */
  line: string;
  status: number;
  headers: string[];
}

/**
 * A connection whose bytes a test writes and reads itself, as HTTP/1.1 or not. Every wait ends when the connection
 * does.
 */
export class RawConnection {
  #chunks: Buffer[] = [];
  #length = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  /** Resolves when the connection is gone, with the error that ended it, if any. */
  readonly closed: Promise<Error | undefined>;

  constructor(readonly socket: Socket | TLSSocket) {
    socket.on('data', (data: Buffer) => {
      this.#chunks.push(data);
      this.#length += data.length;
      this.#wake?.();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#wake?.();
    });
    socket.on('error', (error: Error) => (this.#error = error));
    this.closed = new Promise((resolve) =>
      socket.on('close', () => {
        this.#ended = true;
        this.#wake?.();
        resolve(this.#error);
      }),
    );
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** A connection through the proxy's CONNECT; with `tls`, by TLS inside. */
  static async tunnel(proxyPort: number, authority: string, tls?: ConnectionOptions): Promise<RawConnection> {
    const connection = await RawConnection.open(proxyPort);
    connection.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    const head = await connection.head();
    if (head.status !== 200) throw new Error(`${head.line}: ${(await connection.rest()).toString()}`);
    if (tls === undefined) return connection;
    const { socket } = connection;
    socket.removeAllListeners('data').removeAllListeners('end');
    const secure = connectTls({ socket, ...tls });
    await once(secure, 'secureConnect');
    return new RawConnection(secure);
  }

  write(data: string | Buffer): void {
    this.socket.write(data, 'latin1');
  }

  /** The next head, up to the empty line. */
  async head(): Promise<RawHead> {
    const end = await this.#until(() => {
      const at = this.#buffer.indexOf('\r\n\r\n');
      return at === -1 ? undefined : at + 4;
    });
    const [line = '', ...fields] = this.#take(end)
      .toString('latin1', 0, end - 4)
      .split('\r\n');
    const headers = fields.flatMap((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    });
    return { line, status: Number(/^HTTP\/1\.\d (\d{3})/.exec(line)?.[1] ?? 0), headers };
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#length < count && !this.#ended) await this.#more();
    await this.#until(() => (this.#length >= count ? count : undefined));
    return this.#take(count);
  }

  async text(expected: string): Promise<string> {
    return (await this.bytes(expected.length)).toString('latin1');
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<Buffer> {
    while (!this.#ended) await this.#more();
    return this.#take(this.#length);
  }

  /** What has come and was not taken. */
  get waiting(): number {
    return this.#length;
  }

  /** A body of the length that its head gives. */
  async body(head: RawHead): Promise<string> {
    const length = head.headers[head.headers.findIndex((name) => /^content-length$/i.test(name)) + 1];
    return (await this.bytes(Number(length))).toString('latin1');
  }

  /** A chunked body, with its trailers. */
  async chunked(): Promise<{ body: string; chunks: string[]; trailers: string[] }> {
    const chunks: string[] = [];
    for (;;) {
      const size = Number.parseInt(await this.#line(), 16);
      if (size === 0) break;
      chunks.push((await this.bytes(size)).toString('latin1'));
      await this.bytes(2);
    }
    const trailers: string[] = [];
    for (let field = await this.#line(); field !== ''; field = await this.#line()) {
      const colon = field.indexOf(':');
      trailers.push(field.slice(0, colon), field.slice(colon + 1).trim());
    }
    return { body: chunks.join(''), chunks, trailers };
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #line(): Promise<string> {
    const end = await this.#until(() => {
      const at = this.#buffer.indexOf('\r\n');
      return at === -1 ? undefined : at + 2;
    });
    return this.#take(end).toString('latin1', 0, end - 2);
  }

  #take(count: number): Buffer {
    const whole = this.#buffer;
    this.#chunks = [whole.subarray(count)];
    this.#length -= count;
    return whole.subarray(0, count);
  }

  get #buffer(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  async #until(found: () => number | undefined): Promise<number> {
    for (;;) {
      const at = found();
      if (at !== undefined) return at;
      if (this.#ended) {
        const got = JSON.stringify(this.#buffer.toString('latin1').slice(0, 300));
        throw new Error(`The connection ended with ${this.#buffer.length} bytes: ${got}`, { cause: this.#error });
      }
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
