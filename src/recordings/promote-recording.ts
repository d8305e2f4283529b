import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { readHar } from '../har/har-reader.js';
import { incompleteOf } from '../har/recording-info.js';
import { replaceHead } from '../har/replace-head.js';
import { ProxyctlError } from '../errors/index.js';
import type { RecordingKey, RecordingRef } from '../store/recording-key.js';
import { generationOf } from '../store/pointer.js';
import type { CurrentPointer, RecordingStore } from '../store/recording-store.js';

interface PromotedRecording {
  ref: RecordingRef;
  /** The one that was published under that key before. */
  replaced: CurrentPointer | undefined;
}

/** How often the pointer is tried against other writers before that is an error. */
const attempts = 100;

/**
 * Makes a recording the published one of a key: of its own (an older one comes back), or of another branch or app
 * version, which gets a HAR of its own that says where it came from; bodies are shared. It stays so until a later
 * recording is published there. Its time remains that of the recording, as dates in a replay are moved by it.
 */
export async function promoteRecording(
  store: RecordingStore,
  from: RecordingRef,
  to: RecordingKey,
  now: Date,
): Promise<PromotedRecording> {
  const ref: RecordingRef = { ...to, recordingId: from.recordingId };
  const there = (await store.history(to)).some(({ recordingId }) => recordingId === from.recordingId);
  if (!there) await store.putHar(ref, await copyOf(store, from, to, now));
  const facts = await factsOf(store, ref);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = await store.readPointer(to);
    const pointer: CurrentPointer = {
      formatVersion: 1,
      ...ref,
      ...facts,
      publishedAt: now.toISOString(),
      promotedAt: now.toISOString(),
      generation: generationOf(current?.pointer) + 1,
    };
    if (await store.writePointer(to, pointer, current?.version)) return { ref, replaced: current?.pointer };
  }
  throw new ProxyctlError(
    'PROXYCTL_STORE_CONFLICT',
    `Other writers kept changing which recording of "${to.testId}" is published in ${store.url}`,
    { hint: 'Try once more.', data: { ...ref } },
  );
}

async function copyOf(store: RecordingStore, from: RecordingRef, to: RecordingKey, now: Date): Promise<Readable> {
  const { testId, appVersion, branch, recordingId } = from;
  const source = (await store.openHar(from)) as AsyncIterable<Buffer>;
  const promotedFrom = { testId, appVersion, branch, recordingId, promotedAt: now.toISOString() };
  const copy = replaceHead(source, ({ _proxyctl: info, ...head }) => ({
    ...head,
    ...(info === undefined
      ? {}
      : { _proxyctl: { ...info, testId: to.testId, appVersion: to.appVersion, branch: to.branch, promotedFrom } }),
  }));
  return Readable.from(copy, { objectMode: false });
}

/**
 * What a pointer says of a recording, as its HAR has it. Throws when that is damaged: such a one is not to be
 * published.
 */
async function factsOf(store: RecordingStore, ref: RecordingRef) {
  const hash = createHash('sha256');
  const sizes = new Map<string, number>();
  let entries = 0;
  let first: string | undefined;
  const hashed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of (await store.openHar(ref)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const head = await readHar(Readable.from(hashed(), { objectMode: false }), {
    name: store.harPlace(ref),
    onEntry: ({ startedDateTime, request, response }) => {
      entries += 1;
      first ??= startedDateTime;
      if (request.postData?._sha256 !== undefined) sizes.set(request.postData._sha256, Math.max(0, request.bodySize));
      if (response.content._sha256 !== undefined) sizes.set(response.content._sha256, Math.max(0, response.bodySize));
    },
  });
  const recordedAt = new Date(head._proxyctl?.recordedAt ?? first ?? 0).toISOString();
  const bodyBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const harSha256 = store.encryption.names(hash.digest('hex'))[0];
  const incomplete = head._proxyctl === undefined ? undefined : incompleteOf(head._proxyctl);
  return { recordedAt, entries, bodyBytes, harSha256, ...(incomplete === undefined ? {} : { incomplete: true }) };
}
