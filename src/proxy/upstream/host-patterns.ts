/**
 * A test for host names against patterns in which `*` stands for any characters (`*.example.test`, `10.0.*`, `*`).
 * Case does not count. A pattern may end in `:port`, and then fits that port only.
 */
export function hostMatcher(patterns: readonly string[]): (host: string, port: number) => boolean {
  if (patterns.length === 0) return () => false;
  const tests = patterns.map((pattern) => {
    const escaped = pattern.toLowerCase().replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    const expression = new RegExp(`^${escaped.replaceAll('*', '.*')}$`);
    return (host: string, port: number) => expression.test(host) || expression.test(`${host}:${port}`);
  });
  return (host, port) => tests.some((test) => test(host, port));
}
