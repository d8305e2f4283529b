import type { FaultReceipt } from '../http/index.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { LargeBodyPlace } from './large-body.js';

/** Where a recorder puts exchanges: a journal on disk, or a session's memory. */
export interface ExchangeLog {
  /** Whether it takes anything still. */
  readonly writable: boolean;
  /** Adds a finished exchange, with the bodies that stand in it. `done` is called once it is there. */
  append(record: ExchangeRecord, inline: readonly Buffer[], done: () => void): void;
  /** The place of the large bodies of this exchange. */
  largeBodies(index: number): LargeBodyPlace;
  /** Adds what an exchange met; its record may be there already or follow. */
  faults(index: number, faults: readonly FaultReceipt[]): void;
  finish(options: { cut?: number }): Promise<void>;
}
