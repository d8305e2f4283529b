import type { Socket } from 'node:net';
import type { ReferenceCell } from './reference.js';

/** What stands between the bench's client and its origin, with the network of each cell emulated somewhere in it. */
export interface Chain extends AsyncDisposable {
  /** A new connection to the origin over the network of `cell`. */
  dial(cell: ReferenceCell): Promise<Socket>;
}
