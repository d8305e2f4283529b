import type { Duplex } from 'node:stream';
import { parseAuthority, UpstreamError, type FailureKind } from '../http/index.js';
import type { ProxyctlError } from '../errors/index.js';
import type { Target } from './host-routes.js';
import type { ProxyAccess } from './proxy-access.js';

/**
 * The first byte of every message of SOCKS 5 but those of its passwords (RFC 1928 §3). No request of HTTP begins with
 * it.
 */
const socksVersion = 5;
const passwordVersion = 1;

const noPassword = 0;
const password = 2;
const noMethod = 0xff;
const connect = 1;
const addressBytes: Record<number, number> = { 1: 4, 4: 16 };
const nameType = 3;

/** What SOCKS 5 calls the ways to fail (RFC 1928 §6). */
const code = {
  granted: 0,
  failed: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  refused: 5,
  commandUnknown: 7,
  typeUnknown: 8,
};
const codes: Partial<Record<FailureKind, number>> = {
  refused: code.refused,
  dns: code.hostUnreachable,
  unreachable: code.hostUnreachable,
  timeout: code.hostUnreachable,
};

/**
 * A client that has not said where to by then has its connection closed, ms. Slow links are what this product is for.
 */
const limitMs = 120_000;

/** Whether what a client said first is SOCKS 5. */
export function isSocks(first: Buffer): boolean {
  return first[0] === socksVersion;
}

/**
 * Takes a client of SOCKS 5 up to its CONNECT (RFC 1928). With `access` it must log in by name and password (RFC 1929);
 * without, those of any kind are taken if it insists, as they say nothing about a proxy of one's own. What follows
 * stays in `stream`. Resolves with where to, still to be answered by `grantSocks` or `refuseSocks`; rejects, with the
 * client told and its connection closed, for BIND, UDP and what is not SOCKS.
 */
export async function socksTarget(stream: Duplex, access?: ProxyAccess): Promise<Target> {
  const reader = new Reader(stream);
  const timer = setTimeout(() => stream.destroy(), limitMs);
  timer.unref();
  try {
    await greet(reader, stream, access);
    return await askedFor(reader, stream);
  } catch (error) {
    if (stream.writable) stream.end();
    stream.resume();
    throw error;
  } finally {
    clearTimeout(timer);
    reader.reattachToParser();
  }
}

/** Tells the client that its tunnel stands. The address that the server sees is ours to know. */
export function grantSocks(stream: Duplex): void {
  stream.write(reply(code.granted));
}

/** Tells the client why there is no tunnel, as far as SOCKS has a number for it, and closes its connection. */
export function refuseSocks(stream: Duplex, error: ProxyctlError): void {
  const why = error instanceof UpstreamError ? codes[error.details.kind] : undefined;
  const notAllowed = error.code === 'PROXYCTL_BAD_REQUEST' || error.code === 'PROXYCTL_TARGET_REFUSED';
  stream.end(reply(why ?? (notAllowed ? code.notAllowed : code.failed)));
}

async function greet(reader: Reader, stream: Duplex, access: ProxyAccess | undefined): Promise<void> {
  const [version, count = 0] = await reader.take(2);
  if (version !== socksVersion) throw new Error(`SOCKS ${version} is not spoken here`);
  const methods = await reader.take(count);
  const taken = access === undefined ? [noPassword, password] : [password];
  const method = taken.find((each) => methods.includes(each)) ?? noMethod;
  stream.write(Buffer.of(socksVersion, method));
  if (method === noMethod) throw new Error('The client offers no way to log in that is known');
  if (method === noPassword) return;
  const [sub, nameLength = 0] = await reader.take(2);
  if (sub !== passwordVersion) throw new Error(`Passwords of version ${sub} are not known`);
  const user = await reader.take(nameLength);
  const [passwordLength = 0] = await reader.take(1);
  const given = await reader.take(passwordLength);
  const admitted = access?.admitsPair(user, given) ?? true;
  stream.write(Buffer.of(passwordVersion, admitted ? 0 : 1));
  if (!admitted) throw new Error('The user name or the password is wrong');
}

async function askedFor(reader: Reader, stream: Duplex): Promise<Target> {
  const fail = (number: number, message: string): Error => {
    stream.write(reply(number));
    return new Error(message);
  };
  const [version, command, , type = 0] = await reader.take(4);
  if (version !== socksVersion) throw fail(code.failed, `SOCKS ${version} is not spoken here`);
  if (command !== connect)
    throw fail(code.commandUnknown, `Command ${command} of SOCKS is not offered: only CONNECT is`);
  const length = type === nameType ? (await reader.take(1))[0] : addressBytes[type];
  if (length === undefined) throw fail(code.typeUnknown, `Addresses of type ${type} are not known`);
  const address = await reader.take(length);
  const port = (await reader.take(2)).readUInt16BE();
  const target = parseAuthority(`${hostOf(type, address)}:${port}`, port);
  if (target === undefined)
    throw fail(code.failed, `${JSON.stringify(address.toString('latin1'))} is not the name of a host`);
  return target;
}

function hostOf(type: number, address: Buffer): string {
  if (type === 1) return address.join('.');
  // In the short form that clients use in CONNECT.
  if (type === 4) return new URL(`http://[${address.toString('hex').replace(/(.{4})(?=.)/g, '$1:')}]`).hostname;
  const name = address.toString('latin1');
  return name.includes(':') ? `[${name}]` : name;
}

function reply(number: number): Buffer {
  return Buffer.of(socksVersion, number, 0, 1, 0, 0, 0, 0, 0, 0);
}

/** Reads a stream by number of bytes. What was read too far goes back. */
class Reader {
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #onData = (data: Buffer): void => {
    this.#held = Buffer.concat([this.#held, data]);
    this.#wake();
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };

  constructor(readonly stream: Duplex) {
    stream.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onEnd).resume();
  }

  async take(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      if (this.#ended) throw new Error('The client closed the connection before it said where to');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  reattachToParser(): void {
    this.stream.pause().off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd);
    if (this.#held.length > 0 && !this.stream.destroyed) this.stream.unshift(this.#held);
  }
}
