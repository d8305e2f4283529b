import { type ObjectStore, wholeOf } from './objects/object-store.js';
import { type CurrentPointer, generationOf, isComplete, isLater, parsePointer, serializePointer } from './pointer.js';
import { keyFolder, pointerKey, recordingFolder } from './recording-layout.js';

const markerName = 'published.json';
/** How often the pointer is put right against other writers; what it is after that is for the caller to see. */
const attempts = 30;

/**
 * Publishing on servers without conditional writes. Each writer first puts a marker beside its recording, then the
 * pointer, then looks at all markers of the key and puts the pointer right if it does not name the latest. Whoever
 * writes the pointer last sees every marker that was put before that, so that the pointer ends at the latest recording
 * whatever the order; in between it may name an older one, never one that is not whole. Wants a server that lists what
 * was just written, as all in the guide do.
 */
export async function writeWithMarkers(objects: ObjectStore, next: CurrentPointer): Promise<void> {
  const put = (key: string, pointer: CurrentPointer) => objects.put(key, Buffer.from(serializePointer(pointer)));
  const pointer = pointerKey(next);
  await put(`${recordingFolder(next)}/${markerName}`, next);
  await put(pointer, next);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const latest = await latestMarker(objects, keyFolder(next));
    const current = await readMarker(objects, pointer);
    if (latest === undefined || (current !== undefined && !comesAfter(latest, current))) return;
    await put(pointer, latest);
  }
}

async function latestMarker(objects: ObjectStore, folder: string): Promise<CurrentPointer | undefined> {
  let latest: CurrentPointer | undefined;
  for await (const { key } of objects.list(`${folder}/`)) {
    if (!key.endsWith(`/${markerName}`)) continue;
    const marker = await readMarker(objects, key);
    if (marker !== undefined && (latest === undefined || comesAfter(marker, latest))) latest = marker;
  }
  return latest;
}

/** By generation, as clocks may be wrong; writers that met at one of them go by the times. */
function comesAfter(a: CurrentPointer, b: CurrentPointer): boolean {
  const [first, second] = [generationOf(a), generationOf(b)];
  return first === second || isComplete(a) !== isComplete(b) ? isLater(a, b) : first > second;
}

async function readMarker(objects: ObjectStore, key: string): Promise<CurrentPointer | undefined> {
  const found = await objects.get(key);
  return typeof found === 'object' ? parsePointer(await wholeOf(found), objects.url(key)) : undefined;
}
