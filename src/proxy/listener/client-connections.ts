import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { isInstrumented } from '../../network/stage/instrumented-socket.js';

/** The connections that are open at a listener, and the streams over them. */
export class ClientConnections {
  /** Whatever is open and ends with the listener. */
  readonly #open = new Set<Duplex>();
  /**
   * The connections that `accept` left as they are, each with the socket that is read and written: its TLS once it has
   * one.
   */
  readonly #unwrapped = new Map<Socket, Socket>();
  /** Of each stream over another: the one below it. */
  readonly #below = new WeakMap<Duplex, Duplex>();

  has(stream: Duplex): boolean {
    return this.#open.has(stream);
  }

  /** Takes a stream in until it closes. */
  add(stream: Duplex): void {
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
  }

  /** Takes a client's connection in, with the stream that `accept` made of it. */
  addAccepted(socket: Socket, stream: Duplex): void {
    this.add(socket);
    if (stream !== socket) {
      this.add(stream);
      return;
    }
    this.#unwrapped.set(socket, socket);
    socket.once('close', () => this.#unwrapped.delete(socket));
  }

  /** Takes in the TLS of a connection. */
  addTls(tls: TLSSocket, socket: Socket): void {
    this.putOver(tls, socket);
    this.add(tls);
    if (this.#unwrapped.has(socket)) this.#unwrapped.set(socket, isInstrumented(socket) ? socket : tls);
  }

  putOver(stream: Duplex, below: Duplex): void {
    this.#below.set(stream, below);
  }

  /** The connection that was accepted from the client which this stream is, or is over. */
  acceptedOf(stream: Duplex): Duplex {
    const below = this.#below.get(stream);
    return below === undefined ? stream : this.acceptedOf(below);
  }

  /** The sockets that are read and written of the connections that `accept` left as they are. */
  unwrapped(): Iterable<Socket> {
    return this.#unwrapped.values();
  }

  /**
   * Leaves a connection to a reader of its handle. Returns whether it was unwrapped: no network can be put into it from
   * then on.
   */
  giveHandle(accepted: Socket, socket: Socket): boolean {
    return this.#unwrapped.get(accepted) === socket && this.#unwrapped.delete(accepted);
  }

  destroy(): void {
    for (const stream of [...this.#open]) stream.destroy();
  }
}
