import { canonicalAddress } from './reserved-address.js';

/**
 * Whether only this machine reaches what listens on this host. A name other than `localhost` counts as one that others
 * reach, as do the addresses that stand for all of a machine's.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost') return true;
  const address = canonicalAddress(name);
  return address === '::1' || /^127\./.test(address ?? '');
}
