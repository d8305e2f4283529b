import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors/index.js';
import { encryptionWith } from './encryption/with-keys.js';
import { keysFromEnvironment } from './encryption/store-keys.js';
import { folderStore } from './folder-store.js';
import type { RecordingStore } from './recording-store.js';
import { parseS3Place } from './s3/s3-place.js';
import { inTheClear, type Encryption } from './encryption/encryption.js';
import { schemeOf, splitPlace } from './store-place.js';

/**
 * A store by its place: a folder (relative to the working folder, or absolute), a `file:` URL, or `s3://bucket/prefix`;
 * each of them with `encrypted:` before it for one that is encrypted. Nothing is made or looked up yet. Throws
 * `UsageError`, and `PROXYCTL_STORE_KEY` for an encrypted one without its key.
 */
export async function openStore(place: string): Promise<RecordingStore> {
  const { kind, at, encryption } = readPlace(place);
  if (kind === 'folder') return folderStore(at, encryption);
  const { s3Store } = await import('./s3/s3-store.js'); // with what only it needs
  return s3Store(at, { encryption });
}

/**
 * Loads what a store of this kind needs, while there is something else to wait for: the AWS SDK takes a while. Fails
 * for no place; `openStore` says what is wrong with it.
 */
export async function loadStore(place: string): Promise<void> {
  if (schemeOf(splitPlace(place).rest) !== 's3') return;
  const [, { s3Sdk }] = await Promise.all([import('./s3/s3-store.js'), import('./s3/s3-sdk.js')]);
  s3Sdk();
}

/** Throws as `openStore` does for a place that is none: before a test runs whose recording is to go there. */
export function checkStorePlace(place: string): void {
  const { kind, at } = readPlace(place);
  if (kind === 's3') parseS3Place(at);
}

function readPlace(place: string): { kind: 'folder' | 's3'; at: string; encryption: Encryption } {
  const { encrypted, rest } = splitPlace(place);
  if (rest === '') throw new UsageError('The store is empty', { hint: examples });
  const scheme = schemeOf(rest);
  if (scheme !== undefined && scheme !== 'file' && scheme !== 's3') {
    throw new UsageError(`"${place}" is not a store: ${scheme}: is not known`, {
      hint: examples,
      data: { store: place },
    });
  }
  const encryption = encrypted ? encryptionWith(keysFromEnvironment(place)) : inTheClear;
  if (scheme === 's3') return { kind: 's3', at: rest, encryption };
  return { kind: 'folder', at: scheme === 'file' ? folderOf(rest) : rest, encryption };
}

const examples =
  'A store is a folder, like --store .proxyctl/recordings, or an S3 place, like --store s3://bucket/prefix; either with encrypted: before it';

function folderOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new UsageError(`"${url}" is not the URL of a folder`, {
      hint: 'Write it like file:///srv/recordings',
      cause: error,
    });
  }
}
