import { Readable } from 'node:stream';
import { readHar } from '../har/har-reader.js';
import { BoundedTasks } from '../core/bounded-tasks.js';
import { refOf } from '../store/find-recording.js';
import { pointAt } from '../store/point-at.js';
import type { CurrentPointer, RecordingStore } from '../store/recording-store.js';
import { replaceHead } from '../har/replace-head.js';
import { hashing } from '../store/sha256.js';

interface PullOptions {
  /** The store that gets it; left out: the cache of `from`. */
  to?: RecordingStore | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { done: number; bodies: number }) => void;
}

export interface PulledRecording {
  exchanges: number;
  /** Different ones. */
  bodies: number;
  /** Of these, those that were not there before. */
  fetched: number;
  /** The bytes of those, as they lie in the cache, or as they went over the wire where they went to another store. */
  fetchedBytes: number;
}

/** How many bodies are on their way at once. */
const parallel = 16;

/**
 * Brings a published recording with all its bodies to this machine, so that it replays without its store: into the
 * store's cache, or into another store, where it is published as it was (a later one that is there stays the published
 * one). What is there already is not fetched.
 */
export async function pullRecording(
  from: RecordingStore,
  pointer: CurrentPointer,
  { to, signal, onProgress }: PullOptions = {},
): Promise<PulledRecording> {
  const ref = refOf(pointer);
  const sizes = new Map<string, number>();
  let exchanges = 0;
  await readHar(await from.openHar(ref), {
    name: from.harPlace(ref),
    onEntry: ({ request, response }) => {
      exchanges += 1;
      if (request.postData?._sha256 !== undefined) sizes.set(request.postData._sha256, request.bodySize);
      if (response.content._sha256 !== undefined) sizes.set(response.content._sha256, response.bodySize);
    },
  });
  const pulled: PulledRecording = { exchanges, bodies: sizes.size, fetched: 0, fetchedBytes: 0 };
  const tasks = new BoundedTasks(parallel);
  let done = 0;
  try {
    for (const [sha256, size] of sizes) {
      signal?.throwIfAborted();
      await tasks.run(async () => {
        const bytes = await (to === undefined ? from.keepBody(sha256) : copyBody(from, to, sha256, size));
        if (bytes !== undefined) {
          pulled.fetched += 1;
          pulled.fetchedBytes += bytes;
        }
        done += 1;
        onProgress?.({ done, bodies: sizes.size });
      });
    }
    await tasks.done();
  } finally {
    await tasks.settled();
  }
  signal?.throwIfAborted();
  if (to !== undefined) await copyHar(from, to, pointer, signal);
  return pulled;
}

/** Its size, unless it was there. `size` is not known of recordings of other tools. */
async function copyBody(
  from: RecordingStore,
  to: RecordingStore,
  sha256: string,
  size: number,
): Promise<number | undefined> {
  if (await to.hasBody(sha256)) return undefined;
  const data = size >= 0 ? undefined : await from.readBody(sha256);
  const bytes = data?.length ?? size;
  const opened = data === undefined ? await from.openBody(sha256) : Readable.from([data]);
  try {
    await to.putBody(sha256, bytes, () => opened);
  } finally {
    opened.destroy();
  }
  return bytes;
}

/** As it is in the clear, byte for byte but for arguments of a command, which recordings from before say. */
async function copyHar(
  from: RecordingStore,
  to: RecordingStore,
  pointer: CurrentPointer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ref = refOf(pointer);
  const source = (await from.openHar(ref)) as AsyncIterable<Buffer>;
  const har = hashing(
    Readable.from(
      replaceHead(source, (head) => head),
      { objectMode: false },
    ),
  );
  await to.putHar(ref, har.stream);
  await pointAt(to, { ...pointer, harSha256: to.encryption.names(har.sha256())[0] }, { signal });
}
