// Compiles TypeScript into dist/, gives the entry file its run bit, and removes what was built from sources that are
// gone.
//   --if-stale   does nothing when dist/ was built from these very sources
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const entry = 'dist/bin/proxyctl.js';
const stamp = '.work/build/stamp';
const incremental = '.work/build/tsbuildinfo';
const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/bin/tsc');

const sources = ['bin', 'src', 'supervisor', 'scripts'].flatMap(filesIn).filter((path) => /\.(tsx?|cts)$/.test(path));
const digest = digestOf([...sources, 'tsconfig.json', require.resolve('typescript/package.json')]);
const isBuilt = existsSync(entry);
if (process.argv.includes('--if-stale') && isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest)
  process.exit(0);

// What tsc remembers is of no use without what it wrote.
if (!isBuilt) rmSync(incremental, { force: true });
rmSync(stamp, { force: true });
mkdirSync(dirname(stamp), { recursive: true });
const args = [tsc, '-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', incremental];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
chmodSync(entry, 0o755);
const built = new Set(sources.map((path) => `dist/${path.replace(/\.(tsx?|cts)$/, '')}`));
for (const path of filesIn('dist')) if (!built.has(path.replace(/\.(d\.c?ts|c?js(\.map)?)$/, ''))) rmSync(path);
writeFileSync(stamp, digest);

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((file) => {
    const path = `${folder}/${file.name}`;
    return file.isDirectory() ? filesIn(path) : [path];
  });
}

/** A digest of the files' paths and contents. */
function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}
