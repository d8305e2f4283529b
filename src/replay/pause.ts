import type { Exchange } from '../http/index.js';

/** Resolves after `ms`; rejects as soon as the client goes away. */
export function pause(ms: number, exchange: Pick<Exchange, 'onAbort'>): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      release();
      resolve();
    }, ms);
    const release = exchange.onAbort((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}
