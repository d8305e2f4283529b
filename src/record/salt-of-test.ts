import { ProxyctlError } from '../errors/index.js';
import { redactionInfo } from '../har/redaction/index.js';
import { readHead } from '../har/read-head.js';
import type { RecordingKey } from '../store/recording-key.js';
import type { RecordingStore } from '../store/recording-store.js';
import { refOf } from '../store/find-recording.js';

/**
 * The salt of the recording that is published of a test, of this app version or else of the last one: one secret has
 * the same placeholder in each recording of a test. Undefined where there is none that can be read.
 */
export async function saltOfPublished(store: RecordingStore, key: RecordingKey): Promise<string | undefined> {
  try {
    const own = (await store.readPointer(key))?.pointer;
    const pointer = own ?? (await store.published(key.testId, key.branch)).sort(byTime).at(-1);
    if (pointer === undefined) return undefined;
    const head = await readHead((await store.openHar(refOf(pointer))) as AsyncIterable<Buffer>);
    return redactionInfo.safeParse(head?._proxyctl?.redaction).data?.salt;
  } catch (error) {
    // one that is away is waited for; one that is damaged is no reason not to publish the next
    if (!(error instanceof ProxyctlError) || error.data?.unreachable === true) throw error;
    return undefined;
  }
}

function byTime(a: { recordedAt: string }, b: { recordedAt: string }): number {
  return a.recordedAt < b.recordedAt ? -1 : 1;
}
