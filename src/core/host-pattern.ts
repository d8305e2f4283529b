import { wildcard } from './wildcard.js';

/**
 * Host patterns: `api.example.com`, `*.example.com` (any depth, not the name itself), `*`, each with an optional
 * `:port`; IPv6 in brackets where a port follows. Case does not count.
 */
export type HostMatcher = (host: string, port: number) => boolean;

export function hostMatcher(patterns: readonly string[]): HostMatcher {
  const tests = patterns.map(compile);
  return (host, port) => tests.some((test) => test(host.toLowerCase(), port));
}

function compile(pattern: string): HostMatcher {
  const match = /^(?:\[([^\]]+)\]|([^:]+(?::[^:]*:.*)?)|(\*))(?::(\d+|\*))?$/.exec(pattern.trim().toLowerCase());
  const name = match?.[1] ?? match?.[2] ?? match?.[3] ?? pattern.toLowerCase();
  const port = match?.[4] === undefined || match[4] === '*' ? undefined : Number(match[4]);
  const isName = wildcard(name);
  return (host, at) => isName(host) && (port === undefined || port === at);
}
