import { resolve } from 'node:path';
import type { Encryption } from './encryption/encryption.js';
import { FolderObjects } from './objects/folder-objects.js';
import { RecordingStore } from './recording-store.js';

/** Recordings in a folder, on a local or a network disk. */
export function folderStore(root: string, encryption?: Encryption): RecordingStore {
  const place = resolve(root);
  return new RecordingStore(new FolderObjects(place), { place, ...(encryption && { encryption }) });
}
