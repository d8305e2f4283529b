import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Imports go to a step further down, or stay within one room; neighbours on a step do not meet. See
 * docs/architecture.md.
 */
const steps = [
  ['bin'],
  ['src/cli.ts', 'src/index.ts'],
  ['src/commands'],
  ['src/demo', 'src/tui', 'src/doctor', 'src/recordings'],
  ['supervisor', 'src/worker'],
  ['src/api'],
  ['src/proxy'],
  ['src/protocol'],
  ['src/record', 'src/replay', 'src/overrides', 'src/toxics'],
  ['src/network', 'src/store'],
  ['src/har'],
  ['src/http', 'src/config'],
  ['src/core', 'src/errors'],
  // Loaded into the user's own Node processes: stands alone.
  ['src/preload'],
];

/** The rooms of `src/replay` along the way of a request (src/replay/README.md); a room imports those before it. */
const replayRooms = [
  'request',
  'rules',
  'volatile',
  'loaded',
  'match',
  'select',
  'respond',
  'explain',
  'dialogue',
  'web-socket',
  'learn',
];

/** Both are the ground that all else stands on, and lean on each other. */
const ground = new Set(['src/core', 'src/errors']);

interface Import {
  from: string;
  to: string;
  /** Done when it is needed: `await import(…)`. */
  lazy: boolean;
}

const files = ['bin', 'src', 'supervisor'].flatMap(sources);
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const imports = files.flatMap(importsOf);

test('imports point one way: no room knows of what stands on it', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  const wrong = imports.filter(({ from, to }) => {
    const above = roomOf(from);
    const below = roomOf(to);
    if (above === undefined || below === undefined || above.room === below.room) return false;
    if (ground.has(above.room) && ground.has(below.room)) return false;
    return below.step <= above.step;
  });
  expect(wrong.map(asText)).toEqual([]);
});

test('within replay, a room imports only rooms that a request passes before it', () => {
  const place = (file: string): number => replayRooms.indexOf(file.split('/')[2] ?? '');
  const inReplay = files.filter((file) => file.startsWith('src/replay/'));
  expect(new Set(inReplay.map(place))).toEqual(new Set([-1, ...replayRooms.keys()]));
  const wrong = imports.filter(
    ({ from, to }) =>
      from.startsWith('src/replay/') &&
      to.startsWith('src/replay/') &&
      place(from) !== -1 &&
      (place(to) === -1 || place(to) > place(from)),
  );
  expect(wrong.map(asText)).toEqual([]);
});

test('replay knows recorded exchanges, not how HAR writes them', () => {
  const hars = imports.filter(({ from, to }) => from.startsWith('src/replay/') && to.startsWith('src/har/'));
  const known = new Set(['src/har/har.ts', 'src/har/redaction/index.ts']);
  expect(hars.filter(({ to }) => !known.has(to)).map(asText)).toEqual([]);
  expect(files.filter((file) => file.startsWith('src/replay/') && texts.get(file)?.includes('HarEntry'))).toEqual([]);
});

test('no files import each other in a circle, types included', () => {
  const eager = new Map(files.map((file) => [file, new Set<string>()]));
  for (const { from, to, lazy } of imports) if (!lazy) eager.get(from)?.add(to);
  expect(cyclesOf(eager)).toEqual([]);
});

test('a room whose index.ts exports what it offers is entered by that alone', () => {
  const fronts = files.filter(
    (file) => /^src\/.+\/index\.ts$/.test(file) && /^export \* from/m.test(texts.get(file) ?? ''),
  );
  expect(fronts).toContain('src/http/index.ts');
  const past = imports.filter(({ from, to }) =>
    fronts.some((front) => {
      const room = `${dirname(front)}/`;
      return to.startsWith(room) && to !== front && !from.startsWith(room);
    }),
  );
  expect(past.map(asText)).toEqual([]);
});

test('what is exported is used by another file, a test or a script', () => {
  const users = ['test', 'bench', 'scripts', 'examples'].flatMap((folder) => sources(folder));
  const words = new Map<string, Set<string>>();
  for (const file of [...files, ...users]) {
    for (const [word] of readFileSync(join(root, file), 'utf8').matchAll(/[A-Za-z_$][\w$]*/g)) {
      const known = words.get(word);
      if (known === undefined) words.set(word, new Set([file]));
      else known.add(file);
    }
  }
  const declared = /^export (?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
  const unused = files
    .filter((file) => file !== 'src/index.ts')
    .flatMap((file) => [...(texts.get(file) ?? '').matchAll(declared)].map(([, name = '']) => ({ file, name })))
    .filter(({ name }) => words.get(name)?.size === 1);
  expect(unused.map(({ file, name }) => `${file} exports ${name}`)).toEqual([]);
});

test('no line of a comment is wider than 120 columns', () => {
  const wide = files.flatMap((file) =>
    (texts.get(file) ?? '')
      .split('\n')
      .flatMap((line, i) => (line.length > 120 && /^\s*(?:\*|\/\*|\/\/)/.test(line) ? [`${file}:${i + 1}`] : [])),
  );
  expect(wide).toEqual([]);
});

describe('each library that is wrapped is imported by its wrapper alone:', () => {
  test.each([
    ['http-mitm-proxy', ['src/proxy/mitm-proxy.ts']],
    ['toxiproxy-node-client', ['supervisor/toxiproxy/toxiproxy-api.ts', 'supervisor/toxiproxy/toxiproxy-transport.ts']],
    ['commander', ['src/commands/shared/declare.ts', 'src/commands/shared/program.ts']],
  ])('%s', (library, wrappers) => {
    expect(files.filter((file) => texts.get(file)?.includes(`from '${library}'`))).toEqual(wrappers);
  });
});

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sources(path);
      return /\.(tsx?|cts|mjs)$/.test(entry.name) ? [path] : [];
    });
}

function importsOf(from: string): Import[] {
  const found = (texts.get(from) ?? '').matchAll(/(from|import)\s*(\()?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].flatMap(([, word, bracket, specifier = '']) => {
    const path = relative(root, join(root, dirname(from), specifier)).replace(/\.(c?)js$/, '.$1ts');
    const to = [path, `${path}x`].find((candidate) => texts.has(candidate));
    return to === undefined ? [] : [{ from, to, lazy: word === 'import' && bracket === '(' }];
  });
}

function roomOf(file: string): { step: number; room: string } | undefined {
  for (const [step, rooms] of steps.entries()) {
    const room = rooms.find((name) => file === name || file.startsWith(`${name}/`));
    if (room !== undefined) return { step, room };
  }
  return undefined;
}

function asText({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

/** Groups of files that reach each other (Tarjan's strongly connected components of more than one file). */
function cyclesOf(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) cycles.push(group.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return cycles;
}
