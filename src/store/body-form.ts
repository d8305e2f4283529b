import { pack, unpack, unpackWhole } from './packing.js';
import { openWhole, type Sealing } from './sealing.js';

/* How a body lies in a store: packed where that pays, then sealed as the store is. Its name is that of the bytes that it stands for. */

export function toStored(sealing: Sealing, body: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return sealing.seal(pack(body));
}

/** `where` is named in errors. Throws `PROXYCTL_STORE_KEY` for what cannot be opened, `PROXYCTL_RECORDING_CORRUPT` for what was altered. */
export function fromStored(sealing: Sealing, stored: AsyncIterable<Buffer>, where: string): AsyncIterable<Buffer> {
  return unpack(sealing.open(stored, where), where);
}

/** The same for what is all in memory. */
export async function fromStoredWhole(sealing: Sealing, stored: Buffer, where: string): Promise<Buffer> {
  return unpackWhole(await openWhole(sealing, stored, where), where);
}
