import type { ProxyctlError } from '../errors/index.js';
import type { Interceptor, TunnelReport } from '../http/index.js';
import type { Journal } from './journal.js';

export interface RecorderOptions {
  journal: Journal;
  sessionId: string;
  /** The next index of the session (`ProxySession.nextIndex`): a tunnel takes one too. */
  nextIndex(): number;
  /** Called once, when the journal fails: from then on traffic goes on and nothing more is recorded. */
  onError?(error: ProxyctlError): void;
}

/** Writes each exchange that passes into a journal. */
export interface Recorder extends AsyncDisposable {
  readonly interceptor: Interceptor;
  tunnel(report: TunnelReport): void;
  /** Exchanges that have begun and are not in the journal yet. */
  readonly inFlight: number;
  /**
   * Resolves once no exchange is open. Those still open after `limitMs` are written as far as they came, as cut off; `cut` is
   * their number.
   */
  idle(limitMs: number): Promise<{ cut: number }>;
  /** Ends the recording and marks the journal as finished; open exchanges are cut. Traffic may go on, unrecorded. */
  close(): Promise<void>;
}
