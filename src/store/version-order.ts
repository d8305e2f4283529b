import semver from 'semver';

/** Compares texts with the numbers in them by value: `build-9` before `build-10`. */
const natural = new Intl.Collator('en', { numeric: true });

/** Negative when `a` is the lower version: by semver where both are of it (build numbers count too), else naturally. */
export function compareVersions(a: string, b: string): number {
  const [parsedA, parsedB] = [parse(a), parse(b)];
  if (parsedA !== null && parsedB !== null) return semver.compareBuild(parsedA, parsedB) || natural.compare(a, b);
  return natural.compare(a, b);
}

/** Whether an order between two versions means anything: both semver, or the same text around other numbers. */
export function areComparable(a: string, b: string): boolean {
  if (parse(a) !== null && parse(b) !== null) return true;
  return /\d/.test(a) && shape(a) === shape(b);
}

/** `4.2` and `v4` count as semver as well, with zeros for what is missing. Dates and hashes do not. */
function parse(version: string): semver.SemVer | null {
  const match = /^v?(\d{1,6})(?:\.(\d+))?$/.exec(version);
  return semver.parse(match === null ? version : `${match[1]}.${match[2] ?? '0'}.0`);
}

/** A git hash has digits in odd places, so that two of them hardly ever have one shape. */
function shape(version: string): string {
  return version.replaceAll(/\d+/g, '0');
}
