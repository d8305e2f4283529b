import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';

/** Sets `PROXYCTL_STORE_KEY` to a new key (before `older` ones) for one test, and returns it. */
export function withStoreKey(...older: string[]): string {
  const key = randomBytes(32).toString('base64');
  setStoreKey([key, ...older].join(','));
  return key;
}

/** For one test. undefined: it is not set. */
export function setStoreKey(value: string | undefined): void {
  const before = process.env['PROXYCTL_STORE_KEY'];
  const set = (to: string | undefined): void => {
    if (to === undefined) delete process.env['PROXYCTL_STORE_KEY'];
    else process.env['PROXYCTL_STORE_KEY'] = to;
  };
  set(value);
  onTestFinished(() => set(before));
}
