import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Every file below `folder` with the SHA-256 of its bytes (links: where they point), by path with `/`, in order. */
export async function treeDigest(
  folder: string,
  wanted: (path: string) => boolean = () => true,
): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path).split(sep).join('/'), path] as const)
    .filter(([name]) => wanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digests: Record<string, string> = {};
  const links = new Set(
    entries.filter((entry) => entry.isSymbolicLink()).map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const [name, path] of files) {
    digests[name] = links.has(path)
      ? `link to ${await readlink(path)}`
      : createHash('sha256')
          .update(await readFile(path))
          .digest('hex');
  }
  return digests;
}
