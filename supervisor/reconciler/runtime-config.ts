import type { ActiveLink } from '../../src/network/link.js';
import type { SessionRuntimeConfig } from '../../src/protocol/worker-protocol.js';
import { networkPartOf } from '../../src/toxics/lookup.js';
import type { NetworkPart } from '../../src/toxics/network-part.js';
import type { DesiredSession } from '../desired-state.js';
import { networkConditions } from '../network-conditions.js';
import { isFor } from './is-for.js';

/** The runtime config that a session should have in its MITM process. */
export function runtimeConfigOf(session: DesiredSession): SessionRuntimeConfig {
  const { activeToxics: toxics, ownToxics, link, hostRoutes, overrides } = session;
  const ofAll = toxics.filter(isFor(undefined));
  const network = networkConditions(ofAll, link);
  const activeToxics = toxics.filter(({ kind }) => kind !== 'modelled');
  return {
    activeToxics,
    ownToxics,
    overrides,
    hostRoutes: hostRoutes.map(({ pattern, port, mitmPort }) => {
      const own = toxics.filter(isFor(pattern));
      // What delays all of the session's connections is part of the round trip of these, too.
      const delays = [...ofAll.map(networkPartOf).map(({ delaysMs = {} }) => ({ delaysMs })), delayOf(link)];
      const ownNetwork = networkConditions(own, undefined, delays);
      return {
        pattern,
        port: own.length === 0 ? 0 : port,
        mitmPort,
        ...(ownNetwork === undefined ? {} : { network: ownNetwork }),
      };
    }),
    ...(network === undefined ? {} : { network }),
  };
}

/**
 * A runtime config as text, by which two are compared. The packets of a trace are left out: its name and start tell it
 * apart.
 */
export function textOf(runtimeConfig: SessionRuntimeConfig): string {
  return JSON.stringify(runtimeConfig, (key, value: unknown) => (key === 'opportunities' ? undefined : value));
}

/** The round trip of a link as a delay of each direction. */
function delayOf(link: ActiveLink | undefined): NetworkPart {
  const oneWayMs = (link?.rtt ?? 0) / 2;
  return { delaysMs: { upstream: oneWayMs, downstream: oneWayMs } };
}
