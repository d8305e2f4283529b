import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a test file needs to run, from least to most. */
export const groupNames = ['unit', 'socket', 'stack', 's3', 'timed'] as const;
export type GroupName = (typeof groupNames)[number];

/** Files that compare measured times with computed ones: they run one at a time, with nothing beside them. */
const timed: ReadonlySet<string> = new Set([
  'test/network/stage/network-stage.test.ts',
  'test/supervisor/host-toxics.test.ts',
  'test/supervisor/link.test.ts',
  'test/supervisor/packet-loss.test.ts',
]);

const root = fileURLToPath(new URL('../../', import.meta.url));
/**
 * A test helper, a source file or a library whose use puts a test file into a group. The first group that fits is
 * taken.
 */
const needs: readonly { group: GroupName; isNeed: (imported: string) => boolean }[] = [
  { group: 's3', isNeed: (imported) => imported === 'test/helpers/s3-server.ts' },
  {
    group: 'stack',
    isNeed: (imported) =>
      /^test\/helpers\/(proxyctl|toxiproxy|stack-with-origin|children|record-and-replay)\.ts$/.test(imported) ||
      /^supervisor\/(stack|children|toxiproxy\/toxiproxy-server|toxiproxy\/provision\/index)\.ts$/.test(imported) ||
      imported === 'src/index.ts',
  },
  {
    group: 'socket',
    isNeed: (imported) =>
      /^(node:)?(net|http|https|http2|tls|child_process|worker_threads)$|^(execa|ws|undici)$/.test(imported),
  },
];

/** The test files of the main suite by group, as paths from the project's root. Each file is in exactly one. */
export function testGroups(): Record<GroupName, string[]> {
  const groups: Record<GroupName, string[]> = { unit: [], socket: [], stack: [], s3: [], timed: [] };
  for (const file of testFiles('test')) groups[groupOf(file)].push(file);
  return groups;
}

/** Files with tests that move a tenth in their own group, and all of it in the group `bulk` (test/helpers/bulk.ts). */
export function bulkFiles(): string[] {
  return testFiles('test').filter((file) => reached(file).imports.includes('test/helpers/bulk.ts'));
}

/**
 * The group of a test file: read from what it and the helpers that it uses import, and from whether it names a built
 * file.
 */
export function groupOf(file: string): GroupName {
  if (timed.has(file)) return 'timed';
  const { imports, usesBuild } = reached(file);
  for (const { group, isNeed } of needs) {
    if (group === 'socket' && usesBuild) return 'stack';
    if (imports.some(isNeed)) return group;
  }
  return 'unit';
}

function testFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return path === 'test/e2e' ? [] : testFiles(path);
    return /\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** All that a test file and the files under `test/` that it imports, import in turn; types left out. */
function reached(file: string): { imports: string[]; usesBuild: boolean } {
  const seen = new Set([file]);
  const imports: string[] = [];
  let usesBuild = false;
  for (const current of seen) {
    const text = readFileSync(join(root, current), 'utf8');
    usesBuild ||= /['"`/]dist\//.test(text);
    for (const [, specifier = ''] of text.matchAll(
      /(?:^|\n)(?:import|export)\s(?!type\b)[^;]*?'([^']+)';|import\('([^']+)'\)/g,
    )) {
      const path = specifier.startsWith('.') ? sourceOf(current, specifier) : specifier;
      imports.push(path);
      if (path.startsWith('test/')) seen.add(path);
    }
  }
  return { imports, usesBuild };
}

function sourceOf(from: string, specifier: string): string {
  const path = relative(root, join(root, dirname(from), specifier))
    .split(sep)
    .join('/');
  const candidates = [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')];
  return candidates.find((candidate) => existsSync(join(root, candidate))) ?? path;
}
