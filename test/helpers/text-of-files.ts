import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** All files of a folder as text, what is gzipped unpacked. */
export async function textOfFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const data = await readFile(join(parentPath, name));
      return (data[0] === 0x1f ? gunzipSync(data) : data).toString('utf8');
    }),
  );
  return texts.join('\n');
}
