import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { goSources, workFolder } from './paths.js';

export interface GoTools {
  origin: string;
  load: string;
  control: string;
}

const names = ['origin', 'load', 'control'] as const;

/**
 * Builds the origin and the load generators, once for each state of their sources. Throws an `Error` that says what is
 * missing.
 */
export async function buildGoTools(say: (line: string) => void, signal: AbortSignal): Promise<GoTools> {
  const folder = path.join(workFolder, 'bin', fingerprint());
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const tools = Object.fromEntries(
    names.map((name) => [name, path.join(folder, `${name}${suffix}`)]),
  ) as unknown as GoTools;
  if (names.every((name) => existsSync(tools[name]))) return tools;
  say('building the origin and the load generators with Go');
  mkdirSync(folder, { recursive: true });
  const result = await execa('go', ['build', '-o', `${folder}${path.sep}`, ...names.map((name) => `./${name}`)], {
    cwd: goSources,
    env: { GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    all: true,
    reject: false,
    cancelSignal: signal,
    timeout: 180_000,
  });
  if (result.failed) {
    throw new Error(
      `The bench needs Go 1.23 or newer on PATH for its origin and load generators: ${result.shortMessage}\n${result.all}`,
    );
  }
  return tools;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(goSources, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(go|mod|sum)$/.test(entry)) hash.update(entry).update(readFileSync(path.join(goSources, entry)));
  }
  return hash.digest('hex').slice(0, 12);
}
