import type { HostMatcher } from '../../../core/host-pattern.js';
import type { Target } from '../failures.js';
import { AddressOverrides } from '../../../protocol/address-overrides.js';
import { bypassMatcher, parseParentProxy, type ParentProxy } from '../../../protocol/parent-proxy.js';

export interface RouteOptions {
  /** URL of a proxy that all connections go through, credentials within. */
  upstreamProxy?: string;
  /** Hosts that go past it, as in NO_PROXY. */
  upstreamProxyBypass?: readonly string[];
  /** `HOST[:PORT]=ADDRESS[:PORT]`: where connections go instead of where the resolver says. */
  resolve?: readonly string[];
}

/** By which way a backend is reached. Throws `UsageError` for options that make no sense. */
export class Route {
  readonly #proxy: ParentProxy | undefined;
  readonly #bypass: HostMatcher;
  readonly #overrides: AddressOverrides;

  constructor({ upstreamProxy, upstreamProxyBypass = [], resolve = [] }: RouteOptions) {
    this.#proxy = upstreamProxy === undefined ? undefined : parseParentProxy(upstreamProxy);
    this.#bypass = bypassMatcher(upstreamProxyBypass);
    this.#overrides = new AddressOverrides(resolve);
  }

  /** The proxy in between, if there is one for this host. A host whose address was given goes there directly. */
  proxyFor(target: Target): ParentProxy | undefined {
    if (this.#proxy === undefined || this.#bypass(target.host, target.port)) return undefined;
    return this.#overrides.resolve(target).host === target.host ? this.#proxy : undefined;
  }

  /** Where TCP connects to. */
  addressOf(target: Target): Target {
    return this.#overrides.resolve(target);
  }
}
