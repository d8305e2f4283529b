import type { CongestionControl } from './congestion-control.js';

/** No congestion control: a lost segment costs the time of its repair and nothing else. */
export function createNoControl(): CongestionControl {
  return {
    unlimited: true,
    onLoss: (cwnd) => cwnd,
    onAck: () => undefined,
    onRtt: () => undefined,
    onTimeout: () => undefined,
    onStart: () => undefined,
  };
}
