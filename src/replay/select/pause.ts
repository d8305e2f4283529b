import type { Exchange } from '../../http/index.js';

/** Resolves after `ms`, or when `signal` aborts; rejects as soon as the client goes away. */
export function pause(ms: number, exchange: Pick<Exchange, 'onAbort'>, signal?: AbortSignal): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      release();
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    const release = exchange.onAbort((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}
