/** A connection that passed through without being looked into. */
export interface TunnelReport {
  host: string;
  port: number;
  /** Why it was not intercepted: `not-intercepted` (by rule), `not-tls-or-http`, `upgrade`, … */
  reason: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  durationMs: number;
  /** Client → server and server → client. */
  bytesSent: number;
  bytesReceived: number;
  error?: string;
}
