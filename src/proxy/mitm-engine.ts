import type { Logger } from '../core/logger.js';
import type { CertificateAuthority } from './certificate-authority.js';
import type { ProxySession } from './proxy-session.js';
import type { Upstream } from './upstream/upstream.js';

export interface MitmEngineOptions {
  ca: CertificateAuthority;
  logger: Logger;
}

export interface MitmListenerOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** 0: any. */
  port?: number;
  session: ProxySession;
  /** How tunnels are dialled; give the session's `upstream.connect`. Default: a dialer of the engine's own. */
  connect?: Upstream['connect'];
  /** Further `host:port` under which clients reach this listener (Toxiproxy's), so that loops are seen. */
  aliases?: readonly string[];
}

export interface MitmListener {
  readonly host: string;
  readonly port: number;
  /** Ends the listener and all its connections. */
  close(): Promise<void>;
}

/** The proxy of all sessions in this process: one listener for each. */
export class MitmEngine {
  static async start(_options: MitmEngineOptions): Promise<MitmEngine> {
    throw new Error('not yet');
  }

  async open(_options: MitmListenerOptions): Promise<MitmListener> {
    throw new Error('not yet');
  }

  async close(): Promise<void> {
    throw new Error('not yet');
  }
}
