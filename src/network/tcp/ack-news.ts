import type { Rack } from './rack.js';
import type { Ack, ArrivalLog } from './receiver.js';
import type { RttEstimator } from './rtt-estimator.js';
import type { Scoreboard } from './scoreboard.js';

/** What one ACK brought. */
export interface AckNews {
  /** Segments acknowledged in order; and with those that were acknowledged selectively for the first time. */
  acked: number;
  ackedBytes: number;
  delivered: number;
  sacked: boolean;
  /** Data of the current episode that was never retransmitted has arrived after all. */
  original: boolean;
  /** The index of a segment that arrived twice; -1: none. */
  duplicate: number;
  /** When the segment was sent that this answers. */
  echo: number;
  /** Round-trip time of the newest segment that this acknowledges, ms; -1: none can be told. */
  newestRtt: number;
  /** A reason to start the retransmission timer again. */
  restartTimer: boolean;
}

/** Times of sending of the first and the last segment of a group that was never retransmitted; -1: there is none. */
interface Span {
  first: number;
  last: number;
}

/** Reads ACKs into a sender's scoreboard, RACK and RTT estimate. */
export class AckReader {
  readonly #board: Scoreboard;
  readonly #rack: Rack;
  readonly #rtt: RttEstimator;
  readonly #outOfOrder: ArrivalLog;
  #seenOutOfOrder = 0;

  constructor(parts: { board: Scoreboard; rack: Rack; rtt: RttEstimator; outOfOrder: ArrivalLog }) {
    this.#board = parts.board;
    this.#rack = parts.rack;
    this.#rtt = parts.rtt;
    this.#outOfOrder = parts.outOfOrder;
  }

  /** `episodeEnd`: data before this index belongs to the current episode of loss. */
  read(ack: Ack, now: number, episodeEnd: number): AckNews {
    const news: AckNews = {
      acked: 0,
      ackedBytes: 0,
      delivered: 0,
      sacked: false,
      original: false,
      duplicate: ack.duplicate,
      echo: ack.echo,
      newestRtt: -1,
      restartTimer: false,
    };
    const sacked = this.#takeSelective(ack, news, now, episodeEnd);
    const acked = this.#takeCumulative(ack, news, now, episodeEnd);
    this.#measure(news, now, sacked, acked);
    return news;
  }

  #takeSelective(ack: Ack, news: AckNews, now: number, episodeEnd: number): Span {
    const { window } = this.#board;
    const span = { first: -1, last: -1 };
    for (; this.#seenOutOfOrder < ack.outOfOrderCount; this.#seenOutOfOrder += 1) {
      const index = this.#outOfOrder.at(this.#seenOutOfOrder);
      if (index < ack.next || index < window.una) continue;
      const segment = window.at(index);
      this.#rack.advance(segment, now, this.#rtt.min);
      if (!segment.everRetransmitted) {
        if (index < episodeEnd) news.original = true;
        if (span.first < 0) span.first = segment.sentAt;
        span.last = segment.sentAt;
      }
      this.#board.markSacked(segment);
      news.delivered += 1;
      news.sacked = true;
    }
    this.#outOfOrder.forget(this.#seenOutOfOrder);
    return span;
  }

  #takeCumulative(ack: Ack, news: AckNews, now: number, episodeEnd: number): Span {
    const { window } = this.#board;
    const span = { first: -1, last: -1 };
    let repeats = false;
    while (window.una < ack.next) {
      const wasSacked = window.at(window.una).sacked;
      const segment = this.#board.shift();
      news.acked += 1;
      news.ackedBytes += segment.bytes;
      if (segment.everRetransmitted) {
        repeats = true;
      } else if (!wasSacked) {
        if (span.first < 0) span.first = segment.sentAt;
        span.last = segment.sentAt;
        if (segment.index < episodeEnd) news.original = true;
      }
      if (wasSacked) continue;
      news.delivered += 1;
      const answersEarlier = segment.everRetransmitted && ack.echo < segment.sentAt;
      if (!answersEarlier) this.#rack.advance(segment, now, this.#rtt.min);
    }
    // Karn: with a retransmitted segment among them it is not certain which transmission is acknowledged.
    return repeats ? { first: -1, last: -1 } : span;
  }

  /**
   * The oldest newly acknowledged segment gives the sample (else a selectively acknowledged one, else the time stamp).
   */
  #measure(news: AckNews, now: number, sacked: Span, acked: Span): void {
    const { window, head } = this.#board;
    const sackSample = sacked.first >= 0 ? now - sacked.first : -1;
    let sample = acked.first >= 0 ? now - acked.first : sackSample;
    if (sackSample >= 0) news.newestRtt = now - sacked.last;
    else if (acked.first >= 0) news.newestRtt = now - acked.last;
    if (sample < 0 && news.acked > 0) sample = news.newestRtt = now - news.echo;
    if (sample >= 0) {
      this.#rtt.noteMinimum(news.newestRtt);
      this.#rtt.sample(sample, window.una, window.nxt);
    }
    // A SACK does so only for data from before the head was last sent, or the timer would never end.
    news.restartTimer = news.acked > 0 || (head !== undefined && sackSample > now - head.sentAt);
  }
}
