import { readFileSync } from 'node:fs';
import { code, page, table } from './markdown.js';

interface LockedPackage {
  version: string;
  license?: string;
  /** Needed for development alone: it is not installed beside the published package. */
  dev?: true;
}

/** Licenses that a package's lock entry does not say, as its own files do. */
const stated: Readonly<Record<string, string>> = { semaphore: 'MIT' };

/**
 * The licenses of all that is installed with the package, from package-lock.json in the working folder. Throws for one
 * that says none.
 */
export function licensesPage(): string {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const rows = Object.entries(packages)
    .filter(([path, { dev }]) => path.startsWith('node_modules/') && dev !== true)
    .map(([path, { version, license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const found = license ?? stated[name];
      if (found === undefined) throw new Error(`${name} ${version} names no license`);
      return [name, version, found];
    })
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const counts = new Map<string, number>();
  for (const [, , license = ''] of rows) counts.set(license, (counts.get(license) ?? 0) + 1);
  return page(
    '# Licenses of dependencies',
    'What is installed with `proxyctl`, its dependencies’ dependencies included, by the license that each names for itself.',
    table(
      ['license', 'packages'],
      [...counts].sort(([, a], [, b]) => b - a).map(([license, count]) => [license, String(count)]),
    ),
    table(
      ['package', 'version', 'license'],
      rows.map(([name = '', ...rest]) => [code(name), ...rest]),
    ),
  );
}
