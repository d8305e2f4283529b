import { realpathSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that is removed, with all that is in it, when the test that asked for it has ended. */
export async function tempFolder(name = 'test'): Promise<string> {
  const { path, remove } = await makeTempFolder(name);
  onTestFinished(remove);
  return path;
}

/** The same for `beforeAll`, which has no test to end with: the caller removes it. */
export async function makeTempFolder(name = 'test'): Promise<{ path: string; remove: () => Promise<void> }> {
  // The real path, so that what programs print about it can be compared (on macOS the folder is behind a link).
  const path = await mkdtemp(join(realpathSync(tmpdir()), `proxyctl-${name}-`));
  // A program that was ended a moment ago may still be writing: removal is tried again.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}
