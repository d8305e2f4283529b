import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The built file of this path (`src/worker/mitm-worker.js`), whether asked from the build or from the TypeScript
 * sources (tests).
 */
export function buildPath(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    for (const candidate of [join(folder, path), join(folder, 'dist', path)]) {
      if (existsSync(candidate)) return candidate;
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${path} is not built. Run: npm run build`);
    folder = parent;
  }
}
