import { additiveIncrease, slowStart, type CongestionControl } from './congestion-control.js';

/** NewReno's window (RFC 5681): one segment a round trip, half on a loss. */
export function createReno(): CongestionControl {
  return {
    unlimited: false,
    onLoss: (cwnd) => Math.max(2, cwnd >> 1),
    onAck(window, acked) {
      const rest = window.cwnd < window.ssthresh ? slowStart(window, acked) : acked;
      if (rest > 0) additiveIncrease(window, window.cwnd, rest);
    },
    onRtt: () => undefined,
    onTimeout: () => undefined,
    onStart: () => undefined,
  };
}
