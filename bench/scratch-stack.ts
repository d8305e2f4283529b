import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ResourceScope } from '../src/core/resource-scope.js';
import { workFolder } from './paths.js';
import { StackProcess } from './stack-process.js';
import { findToxiproxy } from './toxiproxy-binary.js';

/** A stack for one run, with a folder for what the run leaves; `scope` ends the one and removes the other. */
export async function startScratchStack(
  scope: ResourceScope,
  name: string,
): Promise<{ stack: StackProcess; folder: string }> {
  const logs = path.join(workFolder, 'logs');
  mkdirSync(logs, { recursive: true });
  const folder = mkdtempSync(path.join(workFolder, `${name}-`));
  scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { path: toxiproxy } = await findToxiproxy(say, new AbortController().signal);
  const home = path.join(folder, 'home');
  return { stack: scope.use(await StackProcess.start({ name, home, logs, toxiproxy })), folder };
}
