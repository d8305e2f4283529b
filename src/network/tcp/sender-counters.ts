/** What happened at a sender: the same things that Linux counts under TcpExt. */
export interface SenderCounters {
  segments: number;
  retransmissions: number;
  /** Retransmissions that were lost again, as far as the sender found out (TCPLostRetransmit). */
  lostRetransmissions: number;
  /** Times that fast recovery was entered (TCPSackRecovery). */
  recoveries: number;
  /** Retransmissions in fast recovery (TCPFastRetrans). */
  fastRetransmissions: number;
  timeouts: number;
  /** Tail loss probes (TCPLossProbes). */
  probes: number;
  /** Reductions of the window that were taken back. */
  undos: number;
}

export function createSenderCounters(): SenderCounters {
  return {
    segments: 0,
    retransmissions: 0,
    lostRetransmissions: 0,
    recoveries: 0,
    fastRetransmissions: 0,
    timeouts: 0,
    probes: 0,
    undos: 0,
  };
}
