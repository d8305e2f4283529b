/** The congestion window, in segments; whole numbers. */
export interface CongestionWindow {
  cwnd: number;
  ssthresh: number;
  /** Segments acknowledged towards the next increase. */
  credit: number;
}

/** What makes the window grow and shrink. Times are milliseconds on the connection's virtual clock. */
export interface CongestionControl {
  /** The new slow-start threshold on a loss. */
  onLoss(cwnd: number): number;
  /** `acked` segments were delivered while the window was the limit. */
  onAck(window: CongestionWindow, acked: number, now: number): void;
  /** A round-trip time, with the sender's place in the stream. */
  onRtt(rtt: number, window: CongestionWindow, position: { now: number; una: number; nxt: number }): void;
  /** A retransmission time-out. */
  onTimeout(): void;
  /** Sending starts again after `idleMs` with nothing in flight. */
  onStart(idleMs: number, now: number): void;
  /** True when there is no window: losses are repaired but slow nothing down. */
  readonly unlimited: boolean;
}

/** Slow start (RFC 5681 §3.1): returns the acknowledged segments that are left over once the threshold is reached. */
export function slowStart(window: CongestionWindow, acked: number): number {
  const grown = Math.min(window.cwnd + acked, window.ssthresh);
  const used = grown - window.cwnd;
  window.cwnd = grown;
  return acked - used;
}

/** One segment more per `count` acknowledged ones. */
export function additiveIncrease(window: CongestionWindow, count: number, acked: number): void {
  if (window.credit >= count) {
    // Credit from a time with a larger count is worth one segment, not several at once.
    window.credit = 0;
    window.cwnd += 1;
  }
  window.credit += acked;
  if (window.credit < count) return;
  const grown = Math.floor(window.credit / count);
  window.credit -= grown * count;
  window.cwnd += grown;
}
