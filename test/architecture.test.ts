import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Imports go to a step further down, or stay within one part; neighbours on a step do not meet. See docs/architecture.md. */
const steps = [
  ['bin'],
  ['src/cli.ts', 'src/index.ts'],
  ['src/commands'],
  ['src/demo', 'src/tui', 'src/doctor'],
  ['supervisor'],
  ['src/api'],
  ['src/proxy'],
  ['src/session'],
  ['src/record', 'src/replay', 'src/rules', 'src/toxics', 'src/link'],
  ['src/store'],
  ['src/har'],
  ['src/http', 'src/config'],
  ['src/core', 'src/errors'],
  // Loaded into the user's own Node processes: stands alone.
  ['src/preload'],
];

const partOf = (file: string): { step: number; part: string } | undefined => {
  for (const [step, parts] of steps.entries()) {
    const part = parts.find((name) => file === name || file.startsWith(`${name}/`));
    if (part !== undefined) return { step, part };
  }
  return undefined;
};

/** Both are the ground that all else stands on, and lean on each other. */
const ground = new Set(['src/core', 'src/errors']);

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return /\.(tsx?|cts)$/.test(entry.name) ? [path] : [];
    }),
  );
  return nested.flat();
}

test('imports point one way: no part knows of what stands on it', async () => {
  const files = (await Promise.all(['bin', 'src', 'supervisor'].map(sources))).flat();
  expect(files.length).toBeGreaterThan(100);
  const wrong: string[] = [];
  for (const file of files) {
    const from = partOf(file);
    if (from === undefined) {
      wrong.push(`${file} belongs to no part`);
      continue;
    }
    const text = await readFile(join(root, file), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)) {
      const target = relative(root, join(root, dirname(file), specifier ?? ''));
      const to = partOf(target.replace(/\.js$/, '.ts')) ?? partOf(target);
      if (to === undefined || to.part === from.part || (ground.has(to.part) && ground.has(from.part))) continue;
      if (to.step <= from.step) wrong.push(`${file} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('each library that is wrapped is imported by its wrapper alone', async () => {
  const files = (await Promise.all(['bin', 'src', 'supervisor'].map(sources))).flat();
  const importers = async (library: string): Promise<string[]> => {
    const found = await Promise.all(
      files.map(async (file) =>
        (await readFile(join(root, file), 'utf8')).includes(`from '${library}'`) ? [file] : [],
      ),
    );
    return found.flat();
  };
  expect(await importers('http-mitm-proxy')).toEqual(['src/proxy/mitm-proxy.ts']);
  expect(await importers('toxiproxy-node-client')).toEqual([
    'supervisor/toxiproxy-api.ts',
    'supervisor/toxiproxy-transport.ts',
  ]);
  expect(await importers('commander')).toEqual(['src/commands/declare.ts', 'src/commands/program.ts']);
});
