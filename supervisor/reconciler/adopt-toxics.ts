import type { Toxic } from '../../src/toxics/toxic.js';
import { fromWire, sameToxic, toWire } from '../../src/toxics/wire.js';
import type { DesiredSession } from '../desired-state.js';
import type { ToxiproxyProxy } from '../toxiproxy/toxiproxy-api.js';

/**
 * Makes the toxics that a proxy has the desired ones of its hosts (`pattern`; `undefined`: of all connections). Toxics
 * that are not Toxiproxy's, or wait for their time, stay as they are.
 */
export function adoptToxics(session: DesiredSession, proxy: ToxiproxyProxy, pattern: string | undefined): void {
  const isInProxy = (toxic: Toxic): boolean =>
    toxic.host === pattern && toxic.startsAt === undefined && toWire(toxic).length > 0;
  const known = session.toxics.filter(isInProxy);
  const others = session.toxics.filter((toxic) => !isInProxy(toxic));
  const present = proxy.toxics.map((wire) => {
    const same = known.find((toxic) =>
      toWire(toxic).some((ours) => ours.name === wire.name && ours.stream === wire.stream && sameToxic(ours, wire)),
    );
    return same ?? { ...fromWire(wire, true), ...(pattern === undefined ? {} : { host: pattern }) };
  });
  session.toxics = [...present, ...others];
}
