import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { Logger } from '../../core/logger.js';
import { messageOf, systemCode } from '../../errors/index.js';
import { isInstrumented } from '../../network/stage/instrumented-socket.js';
import type { CertificateAuthority } from '../certificate-authority.js';
import type { ProxySession } from '../proxy-session.js';
import { Relay } from '../relay.js';
import type { TunnelOrigin } from '../request-target.js';
import type { ClientConnections } from './client-connections.js';
import { bufferBytes } from './http-server.js';

const handshakeTimeoutMs = 120_000;

interface TlsInterceptionOptions {
  session: ProxySession;
  ca: CertificateAuthority;
  logger: Logger;
  connections: ClientConnections;
  /** Take over a connection by the protocol that its client chose; `socket` is the one below the TLS. */
  h2: (tls: TLSSocket, socket: Socket, origin: TunnelOrigin) => void;
  http: (tls: TLSSocket, origin: TunnelOrigin) => void;
}

/** The TLS of tunnels, which ends in this process, by one key for all hosts. */
export class TlsInterception {
  constructor(readonly options: TlsInterceptionOptions) {}

  intercept(socket: Socket, origin: TunnelOrigin): void {
    const { ca, connections, h2, http } = this.options;
    // TLS reads the handle of a socket itself, and would pass by what was put into one.
    const tls = new TLSSocket(isInstrumented(socket) ? new Relay(socket) : socket, tlsOptions(ca, origin.host));
    connections.addTls(tls, socket);
    const limit = setTimeout(() => tls.destroy(new Error('TLS handshake timed out')), handshakeTimeoutMs);
    // A client that ends its half within the handshake waits for nothing, half open or not.
    const gone = (): void => void tls.destroy();
    tls.once('end', gone);
    tls.on('error', (error: Error) => this.#failed(error, origin));
    tls.once('close', () => clearTimeout(limit));
    tls.once('secure', () => {
      clearTimeout(limit);
      tls.off('end', gone);
      const serverName = release(tls);
      const named = serverName === undefined ? origin : { ...origin, serverName };
      if (tls.alpnProtocol === 'h2') h2(tls, socket, named);
      else http(tls, named);
    });
  }

  #failed(error: Error, { host, port }: TunnelOrigin): void {
    const { logger, session } = this.options;
    if (refusedCertificate(error)) session.certificateRefused(host, port);
    else logger.debug(`TLS with a client failed`, { host, port, error: messageOf(error) });
  }
}

function tlsOptions(ca: CertificateAuthority, host: string): TLSSocketOptions {
  return {
    isServer: true,
    secureContext: ca.contextFor(host),
    SNICallback: (name, done) => {
      const named = name.toLowerCase();
      try {
        done(null, named === host ? undefined : ca.contextFor(named));
      } catch (error) {
        done(error as Error);
      }
    },
    ALPNProtocols: ['h2', 'http/1.1'],
    highWaterMark: bufferBytes,
  } as TLSSocketOptions;
}

/**
 * Does what a TLS server does before it hands a socket out: errors are the socket's own from then on. Returns the
 * server name.
 */
function release(tls: TLSSocket): string | undefined {
  const released = tls as unknown as {
    _releaseControl(): boolean;
    secureConnecting: boolean;
    servername: string | false | null;
  };
  released._releaseControl();
  released.secureConnecting = false;
  const name = released.servername;
  return typeof name === 'string' ? name.toLowerCase() : undefined;
}

/** A TLS alert by which a client says that it does not accept the certificate (RFC 8446 §6.2). */
function refusedCertificate(error: Error): boolean {
  return /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|UNSUPPORTED_CERTIFICATE)/.test(
    systemCode(error) ?? '',
  );
}
