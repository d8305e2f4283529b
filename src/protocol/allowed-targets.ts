import { isIP } from 'node:net';
import { hostMatcher, type HostMatcher } from '../core/host-pattern.js';
import { addressBytes, canonicalAddress, startsWith } from '../core/reserved-address.js';
import { UsageError } from '../errors/index.js';

interface Network {
  prefix: readonly number[];
  bits: number;
  port: number | undefined;
}

/**
 * The targets that were allowed by name (`api.local`, `*.local`, `*`), by address, or by network (`10.0.0.0/8`), each
 * perhaps for one port alone. `localhost` means its addresses too.
 */
export class AllowedTargets {
  readonly #matches: HostMatcher;
  readonly #networks: readonly Network[];

  /** Throws `UsageError` for what is none of these. */
  constructor(targets: readonly string[]) {
    const networks = targets.filter((target) => target.includes('/'));
    this.#networks = networks.map(networkOf);
    this.#matches = hostMatcher(targets.filter((target) => !networks.includes(target)).flatMap(patternsOf));
  }

  /** Whether a connection to this host, at this address of it, was allowed. */
  allows({ host, address, port }: { host: string; address: string; port: number }): boolean {
    const plain = canonicalAddress(address) ?? address;
    if (this.#matches(host, port) || this.#matches(plain, port)) return true;
    const bytes = addressBytes(plain);
    if (bytes === undefined) return false;
    return this.#networks.some((network) => (network.port ?? port) === port && startsWith(bytes, network));
  }
}

function patternsOf(target: string): string[] {
  const [, bracketed, plain = target, port = ''] = /^(?:\[([^\]]+)\]|([^:]+))(:\d+)?$/.exec(target) ?? [];
  const host = bracketed ?? plain;
  if (host.toLowerCase() === 'localhost') return [`localhost${port}`, `127.0.0.1${port}`, `[::1]${port}`];
  if (isIP(host) === 0) return [target];
  const address = canonicalAddress(host) ?? host;
  return [address.includes(':') ? `[${address}]${port}` : `${address}${port}`];
}

function networkOf(target: string): Network {
  const [, bracketed, plain = '', bits = '', port] =
    /^(?:\[([^\]]+)\]|([^/]+))\/(\d{1,3})(?::(\d+))?$/.exec(target) ?? [];
  const prefix = addressBytes(bracketed ?? plain);
  if (prefix === undefined || Number(bits) > prefix.length * 8)
    throw new UsageError(`--allow-target: ${JSON.stringify(target)} is no network`, {
      hint: 'Write a network as 10.0.0.0/8 or fd00::/8, an address or a name as it is: --allow-target localhost:3000',
    });
  return { prefix, bits: Number(bits), port: port === undefined ? undefined : Number(port) };
}
