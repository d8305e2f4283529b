import type { DesiredSession } from '../desired-state.js';
import type { ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';
import type { HostRouteProxies } from './host-route-proxies.js';
import type { Proxies } from './proxies.js';
import type { SessionProxies } from './session-proxies.js';

/** The adoption of what others changed in Toxiproxy: it becomes the desired state of the session. */
export class Adoption {
  constructor(
    readonly proxies: Proxies,
    readonly sessionProxies: SessionProxies,
    readonly hostRoutes: HostRouteProxies,
  ) {}

  /** Adopts what Toxiproxy has now. */
  async ofPresent(session: DesiredSession): Promise<void> {
    if (!this.proxies.has(session.proxyName)) return;
    const present = await this.proxies.read(session.proxyNames);
    if (present !== undefined) this.of(session, present);
  }

  /**
   * Adopts what is in `proxies`. Returns false when somebody deleted a proxy of the session's, which is to be put back.
   */
  of(session: DesiredSession, proxies: ReadonlyMap<string, ToxiproxyProxy>): boolean {
    const hasOwn = this.sessionProxies.adopt(session, proxies);
    const hasRoutes = this.hostRoutes.adopt(session, proxies);
    return hasOwn && hasRoutes;
  }
}
