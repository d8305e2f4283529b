import type { ProxyAccess } from './proxy-access.js';
import type { ReverseTarget } from '../protocol/reverse-target.js';
import type { Duplex } from 'node:stream';
import type { Exchange, HttpResponse, TunnelReport } from '../http/index.js';

/** What a session made of an exchange to watch; the engine hands it back and does not look into it. */
export type FaultWatch = object;

/** What the engine needs of a session; `session/session.ts` is one. */
export interface ProxySession {
  readonly id: string;
  /** The backend that requests to the listener's own address are for; without one they get the proxy's own pages. */
  readonly reverse?: ReverseTarget | undefined;
  /** The credentials that clients must show to use it as a proxy. Without: none. */
  readonly access?: ProxyAccess | undefined;
  /** Makes the next exchange's index. */
  nextIndex(): number;
  /**
   * Answers an exchange: the whole chain of interceptors with its end. Rejects with `UpstreamError` or another
   * `ProxyctlError`.
   */
  handle(exchange: Exchange): Promise<HttpResponse>;
  /**
   * Watches what faults an exchange meets on its client's connection: the stream that it came on, and the one that was
   * accepted, which may be the same.
   */
  watchFaults?(exchange: Exchange, stream: Duplex, accepted: Duplex): FaultWatch | undefined;
  /** Called once with what `watchFaults` returned, when all of the response was written or the client has gone. */
  faultsOver?(watch: FaultWatch, exchange: Exchange, stream: Duplex, accepted: Duplex): void;
  /** Whether TLS to this host is to be opened; else the reason why it passes through. */
  interception(host: string, port: number): true | { passthrough: string };
  /** Whether a tunnel may be opened; a reason when it may not (in replay nothing may). */
  mayTunnel(host: string, port: number): true | { refused: string };
  tunnelEnded(report: TunnelReport): void;
  /** A client refused our certificate for this host, as those do that know (pin) the host's own. */
  certificateRefused(host: string, port: number): void;
  /** Something that no exchange can tell. */
  warn(message: string, hint?: string): void;
}
