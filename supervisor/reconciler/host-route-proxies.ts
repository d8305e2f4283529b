import type { DesiredSession } from '../desired-state.js';
import type { ToxiproxyApi, ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';
import { adoptToxics } from './adopt-toxics.js';
import { isFor } from './is-for.js';
import type { Proxies } from './proxies.js';
import { portOf } from './put-proxy.js';

/** The proxies in Toxiproxy of sessions' host routes: one for each pattern of hosts that has toxics of its own. */
export class HostRouteProxies {
  readonly #proxies: Proxies;

  constructor(proxies: Proxies) {
    this.#proxies = proxies;
  }

  async reconcile(session: DesiredSession, api: ToxiproxyApi): Promise<void> {
    for (const route of session.hostRoutes) {
      const { pattern, port, mitmPort } = route;
      const desired = { name: session.routeProxyName(route), host: '127.0.0.1', port, upstreamPort: mitmPort };
      const proxy = await this.#proxies.reconcile(desired, api);
      route.port = portOf(proxy.listen);
      await this.#proxies.reconcileToxics(session.activeToxics.filter(isFor(pattern)), proxy, api);
    }
  }

  /** Takes into the desired state what others changed. Returns false when somebody deleted one of the proxies. */
  adopt(session: DesiredSession, proxies: ReadonlyMap<string, ToxiproxyProxy>): boolean {
    let whole = true;
    for (const route of session.hostRoutes) {
      const name = session.routeProxyName(route);
      if (!this.#proxies.has(name)) continue;
      const proxy = proxies.get(name);
      if (proxy === undefined) {
        this.#proxies.forget(name);
        whole = false;
        continue;
      }
      this.#proxies.know(proxy);
      adoptToxics(session, proxy, route.pattern);
    }
    return whole;
  }
}
