import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ProxyctlError } from '../errors/index.js';
import type { HarRecordingInfo } from '../har/har.js';
import { replaceHead } from '../har/replace-head.js';
import { refOf } from '../store/find-recording.js';
import { newRecordingId, type RecordingKey, type RecordingRef } from '../store/recording-key.js';
import { RecordingNotFoundError } from '../store/recording-not-found.js';
import type { RecordingStore } from '../store/recording-store.js';
import { corruptError } from '../store/store-error.js';

/** How often the pointer is tried against other writers before that is an error. */
const attempts = 20;

/**
 * Publishes a copy of a key's recording that says other things of itself. The exchanges are the same to the last byte,
 * bodies are shared, and what was published before stays as history. `change` may be asked several times, when others
 * publish meanwhile.
 */
export async function reviseRecording(
  store: RecordingStore,
  key: RecordingKey,
  change: (info: HarRecordingInfo) => HarRecordingInfo,
  now: Date,
): Promise<{ ref: RecordingRef; replaced: RecordingRef }> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = await store.readPointer(key);
    if (current === undefined) throw new RecordingNotFoundError(key, [], { store: store.url });
    const replaced = refOf(current.pointer);
    const ref: RecordingRef = { ...replaced, recordingId: newRecordingId(now.getTime()) };
    const harSha256 = await copyHar(store, replaced, ref, change);
    const pointer = { ...current.pointer, ...ref, harSha256, publishedAt: now.toISOString() };
    if (await store.writePointer(key, pointer, current.version)) return { ref, replaced };
    await store.remove(ref);
  }
  throw new ProxyctlError(
    'PROXYCTL_STORE_CONFLICT',
    `Other writers kept changing which recording of "${key.testId}" is published in ${store.url}`,
    { hint: 'Try once more.', data: { ...key } },
  );
}

/** Returns the hash of the copy, in the pointer's form. */
async function copyHar(
  store: RecordingStore,
  from: RecordingRef,
  to: RecordingRef,
  change: (info: HarRecordingInfo) => HarRecordingInfo,
): Promise<string> {
  const hash = createHash('sha256');
  let changed = false;
  const source = (await store.openHar(from)) as AsyncIterable<Buffer>;
  const pieces = replaceHead(source, ({ _proxyctl: info, ...head }) => {
    if (info === undefined) return head;
    changed = true;
    return { ...head, _proxyctl: { ...change(info), recordingId: to.recordingId } };
  });
  const hashed = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
    if (!changed) {
      const what = `${store.harPlace(from)} was not written by proxyctl, so nothing can be noted in it`;
      throw corruptError(what, store.url, 'Import it: proxyctl recordings import');
    }
  };
  await store.putHar(to, Readable.from(hashed(), { objectMode: false }));
  return store.encryption.names(hash.digest('hex'))[0];
}
