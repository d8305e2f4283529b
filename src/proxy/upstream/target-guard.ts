import dns, { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { canonicalAddress, reservedKind, type ReservedKind } from '../../core/reserved-address.js';
import type { UpstreamError } from '../../http/index.js';
import { AllowedTargets } from '../../protocol/allowed-targets.js';
import { failure, type Target } from './failures.js';

const meanings: Record<ReservedKind, string> = {
  loopback: 'this machine itself',
  'link-local': 'an address of the link',
  metadata: 'a metadata service',
};

/**
 * What may be connected to for clients of other machines: neither this machine, its link, nor metadata services unless
 * that was allowed, and never the stack's own ports. It is the address that is judged, and the connection goes to the
 * address that was judged.
 */
export class TargetGuard {
  readonly #allowed: AllowedTargets;
  readonly #stackPorts: () => ReadonlySet<number>;

  /** Throws `UsageError` for targets that make no sense. */
  constructor(allowTarget: readonly string[], stackPorts: () => ReadonlySet<number>) {
    this.#allowed = new AllowedTargets(allowTarget);
    this.#stackPorts = stackPorts;
  }

  /** Why this address of a target is not connected to; `undefined`: it may be. */
  refusal(address: string, port: number, target: Target): UpstreamError | undefined {
    const kind = reservedKind(address);
    if (this.#stackPorts().has(port) && (kind === 'loopback' || isOwnAddress(address)))
      return refused(target, `port ${port} of this machine is the stack’s own`, {
        hint: 'The stack’s own ports are no targets; ask them directly, with their address in the NO_PROXY of the client.',
      });
    if (kind === undefined || this.#allowed.allows({ host: target.host, address, port })) return undefined;
    const allow = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    return refused(target, `${address} is ${meanings[kind]}`, {
      hint: `Clients of other machines reach this proxy, so such targets are refused; allow this one with --allow-target ${allow}`,
    });
  }

  /** Resolves a name to those of its addresses that may be connected to; fails when there is none. */
  lookup(port: number, target: Target): LookupFunction {
    return (name, options, callback) => {
      dns.lookup(name, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, '', 0);
        const open = addresses.filter(({ address }) => this.refusal(address, port, target) === undefined);
        const [first] = open;
        if (first === undefined)
          return callback(this.refusal(addresses[0]?.address ?? '', port, target) ?? noAddress(target), '', 0);
        if (options.all === true) callback(null, open);
        else callback(null, first.address, first.family);
      });
    };
  }

  /** The same for a target that a parent proxy connects to: by what its name says, and by what it resolves to here. */
  async throughProxy(target: Target): Promise<void> {
    const { host, port } = target;
    const written = isIP(host) === 0 ? addressWritten(host) : host;
    const addresses = written === undefined ? await resolved(host) : [{ address: written }];
    for (const { address } of addresses) {
      const refusal = this.refusal(address, port, target);
      if (refusal !== undefined) throw refusal;
    }
  }
}

/** The address that a host is another way to write: decimal, hex, octal, or with fewer parts. */
function addressWritten(host: string): string | undefined {
  const url = `http://${host}/`;
  const name = URL.canParse(url) ? new URL(url).hostname : '';
  return isIP(name) === 0 ? undefined : name;
}

/** A name that only the parent proxy can resolve is for it to judge. */
function resolved(host: string): Promise<Pick<LookupAddress, 'address'>[]> {
  return dns.promises.lookup(host, { all: true }).catch(() => []);
}

function isOwnAddress(address: string): boolean {
  const plain = canonicalAddress(address);
  return Object.values(networkInterfaces()).some((own) => own?.some((one) => canonicalAddress(one.address) === plain));
}

function refused(target: Target, why: string, options: { hint: string }): UpstreamError {
  return failure('forbidden', 'connect', target, why, options);
}

function noAddress(target: Target): UpstreamError {
  return failure('dns', 'connect', target, 'it has no address');
}
