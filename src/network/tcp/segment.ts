/**
 * A segment on its way. One object serves sender, link and receiver: the model runs in one process, and what one end
 * may not know of the other it simply does not read.
 */
export interface Segment {
  /** Its place in the stream: 0, 1, 2, … */
  readonly index: number;
  /** Payload; 0 for the FIN. */
  readonly bytes: number;
  readonly fin: boolean;
  /** The last segment of a write. */
  readonly push: boolean;
  /** When it was last sent, and as the how-many-th transmission of the connection. */
  sentAt: number;
  order: number;
  /** The sender's scoreboard (RFC 6675): what it knows of the segment. */
  sacked: boolean;
  lost: boolean;
  /** A retransmission is on its way, as far as the sender knows. */
  retransmitted: boolean;
  everRetransmitted: boolean;
  /** A transmission of it has got past the link's loss and queue. */
  passed: boolean;
  /** It has arrived at the receiver. */
  received: boolean;
  /** Neighbours in the order of transmission, while the sender waits for news of it. */
  earlier: Segment | undefined;
  later: Segment | undefined;
  waiting: boolean;
}

export function createSegment(index: number, bytes: number, { fin = false, push = false } = {}): Segment {
  return {
    index,
    bytes,
    fin,
    push,
    sentAt: 0,
    order: 0,
    sacked: false,
    lost: false,
    retransmitted: false,
    everRetransmitted: false,
    passed: false,
    received: false,
    earlier: undefined,
    later: undefined,
    waiting: false,
  };
}
