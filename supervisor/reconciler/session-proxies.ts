import { disabledProxy } from '../../src/toxics/wire.js';
import type { DesiredSession } from '../desired-state.js';
import type { ToxiproxyApi, ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';
import { adoptToxics } from './adopt-toxics.js';
import { isFor } from './is-for.js';
import type { Proxies } from './proxies.js';
import { portOf } from './put-proxy.js';

/** The sessions' own proxies in Toxiproxy, where clients connect. */
export class SessionProxies {
  readonly #proxies: Proxies;

  constructor(proxies: Proxies) {
    this.#proxies = proxies;
  }

  async reconcile(session: DesiredSession, api: ToxiproxyApi): Promise<void> {
    const { host, port, mitmPort } = session.spec;
    const desired = { name: session.proxyName, host, port, upstreamPort: mitmPort };
    const proxy = await this.#proxies.reconcile(desired, api);
    session.spec = { ...session.spec, port: portOf(proxy.listen) };
    await this.#proxies.reconcileToxics(session.activeToxics.filter(isFor(undefined)), proxy, api);
    if (proxy.enabled !== session.enabled) await api.updateProxy(proxy.name, { enabled: session.enabled });
  }

  /** Takes into the desired state what others changed. Returns false when somebody deleted the proxy. */
  adopt(session: DesiredSession, proxies: ReadonlyMap<string, ToxiproxyProxy>): boolean {
    const proxy = proxies.get(session.proxyName);
    if (proxy === undefined) {
      this.#proxies.forget(session.proxyName);
      return false;
    }
    this.#proxies.know(proxy);
    adoptToxics(session, proxy, undefined);
    if (proxy.enabled !== session.enabled) adoptEnabled(session, proxy.enabled);
    return true;
  }
}

/** Somebody closed the listener, or opened it before its time. */
function adoptEnabled(session: DesiredSession, enabled: boolean): void {
  if (enabled) session.openListener();
  else session.toxics = [...session.toxics.filter(({ name }) => name !== disabledProxy().name), disabledProxy()];
}
