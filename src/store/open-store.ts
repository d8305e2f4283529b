import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors/index.js';
import { FolderStore } from './folder-store.js';
import type { RecordingStore } from './recording-store.js';

/**
 * A store by its place: a folder (relative to the working folder, or absolute), a `file:` URL, or `s3://bucket/prefix`. Nothing
 * is made or looked up yet. Throws `UsageError`.
 */
export async function openStore(place: string): Promise<RecordingStore> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(place)?.[1]?.toLowerCase(); // one letter is a Windows drive
  switch (scheme) {
    case undefined:
      if (place === '') throw new UsageError('The store is empty', { hint: examples });
      return new FolderStore(place);
    case 'file':
      return new FolderStore(folderOf(place));
    case 's3': {
      const { S3Store } = await import('./s3/s3-store.js'); // the AWS SDK takes a while to load
      return new S3Store(place);
    }
    default:
      throw new UsageError(`"${place}" is not a store: ${scheme}: is not known`, {
        hint: examples,
        data: { store: place },
      });
  }
}

const examples =
  'A store is a folder, like --store .proxyctl/recordings, or an S3 place, like --store s3://bucket/prefix';

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
