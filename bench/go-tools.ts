import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { goSources, workFolder } from './paths.js';

export interface GoTools {
  origin: string;
  load: string;
}

/** Builds the origin and the load generator, once for each state of their sources. Throws an `Error` that says what is missing. */
export async function buildGoTools(say: (line: string) => void, signal: AbortSignal): Promise<GoTools> {
  const folder = path.join(workFolder, 'bin', fingerprint());
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const tools = { origin: path.join(folder, `origin${suffix}`), load: path.join(folder, `load${suffix}`) };
  if (existsSync(tools.origin) && existsSync(tools.load)) return tools;
  say('building the origin and the load generator with Go');
  mkdirSync(folder, { recursive: true });
  const result = await execa('go', ['build', '-o', `${folder}${path.sep}`, './origin', './load'], {
    cwd: goSources,
    env: { GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    all: true,
    reject: false,
    cancelSignal: signal,
    timeout: 180_000,
  });
  if (result.failed) {
    throw new Error(
      `The bench needs Go 1.23 or newer on PATH for its origin and load generator: ${result.shortMessage}\n${result.all}`,
    );
  }
  return tools;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(goSources, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(go|mod)$/.test(entry)) hash.update(entry).update(readFileSync(path.join(goSources, entry)));
  }
  return hash.digest('hex').slice(0, 12);
}
