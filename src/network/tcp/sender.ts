import type { EventQueue } from '../event-queue.js';
import { Timer } from '../timer.js';
import { AckReader, type AckNews } from './ack-news.js';
import type { CongestionControl } from './congestion-control.js';
import { maxRtoMs, maxSegmentBytes, maxTimeouts, minRtoMs } from './constants.js';
import { kernelTimerExpiry } from './kernel-timer.js';
import { Rack } from './rack.js';
import type { Ack, ArrivalLog } from './receiver.js';
import { RttEstimator } from './rtt-estimator.js';
import { Scoreboard } from './scoreboard.js';
import { createSegment, type Segment } from './segment.js';
import { SendWindow } from './send-window.js';
import { createSenderCounters } from './sender-counters.js';
import { Undo } from './undo.js';

/** Added to timers that wait for acknowledgements that are due, so that these win, ms. */
const timerSlackMs = 2;
/** Segments out of order that are taken for a loss at once (RFC 5681's three duplicate ACKs). */
const reorderingThreshold = 3;

/** Open; something out of order but nothing known to be lost; fast recovery; after a time-out. */
type SenderState = 'open' | 'disorder' | 'recovery' | 'loss';
/** What the one timer is for: a tail loss probe, RACK's reordering window, or the retransmission time-out. */
type Pending = 'none' | 'probe' | 'reordering' | 'timeout';
type Repair = 'none' | 'lost' | 'new-first';

interface SenderPort {
  /** Puts a transmission on the link. */
  transmit(segment: Segment): void;
  /** The receiver's record that ACKs refer to. */
  readonly outOfOrder: ArrivalLog;
  /** Segments that the way can hold; `Infinity` without a rate. */
  readonly capacity: number;
  /** Given up after too many time-outs in a row, as a kernel does with ETIMEDOUT. */
  timedOut(): void;
}

/**
 * The sending end of a connection, as Linux has it: window of ten (RFC 6928), congestion control, RACK-TLP (RFC 8985),
 * PRR (RFC 6937), time-outs with back-off (RFC 6298), F-RTO (RFC 5682) and undo (RFC 3522, RFC 3708). It counts bytes;
 * what they are is the stream's business.
 */
export class TcpSender {
  readonly counters = createSenderCounters();
  readonly rtt = new RttEstimator();
  readonly board = new Scoreboard();
  readonly window: SendWindow;
  acknowledgedBytes = 0;
  readonly #events: EventQueue;
  readonly #port: SenderPort;
  readonly #rack = new Rack();
  readonly #undo = new Undo();
  readonly #reader: AckReader;
  readonly #timer: Timer;
  #pending: Pending = 'none';
  #state: SenderState = 'open';
  /** The state ends once all that was sent before this is acknowledged. */
  #stateEnd = 0;
  /** With back-off. */
  #rto: number;
  #timeoutsInRow = 0;
  #unsent = 0;
  #fin: 'none' | 'queued' | 'sent' = 'none';
  #lastSentAt = 0;
  /** What was sent when the tail loss probe went out; -1: no probe is on its way. */
  #probeEnd = -1;
  #probeWasRepeat = false;
  #forwardRto = false;

  constructor(events: EventQueue, control: CongestionControl, port: SenderPort) {
    this.#events = events;
    this.#port = port;
    this.window = new SendWindow(control, this.board, port.capacity);
    this.#reader = new AckReader({
      board: this.board,
      rack: this.#rack,
      rtt: this.rtt,
      outOfOrder: port.outOfOrder,
    });
    this.#rto = this.rtt.rto;
    this.#timer = new Timer(events, () => this.#expire());
  }

  get state(): SenderState {
    return this.#state;
  }

  /** Everything written has been acknowledged, the FIN too. */
  get idle(): boolean {
    return this.#unsent === 0 && this.#fin !== 'queued' && this.board.outstanding === 0;
  }

  /** A round-trip time from the handshake. */
  established(rtt: number): void {
    this.rtt.noteMinimum(rtt);
    this.rtt.sample(rtt, 0, 0);
    this.#rto = this.rtt.rto;
    this.#lastSentAt = this.#events.now;
  }

  write(bytes: number): void {
    if (this.board.outstanding === 0 && this.#unsent === 0) {
      this.window.decay(this.#events.now - this.#lastSentAt, this.#rto);
    }
    this.#unsent += bytes;
    this.#sendNew();
  }

  /** No more will be written: a FIN follows. */
  end(): void {
    if (this.#fin !== 'none') return;
    this.#fin = 'queued';
    this.#sendNew();
  }

  dispose(): void {
    this.#timer.dispose();
  }

  onAck(ack: Ack): void {
    const { board, window } = this;
    const { now } = this.#events;
    const before = { outstanding: board.outstanding, totalLost: board.totalLost };
    const news = this.#read(ack, now);
    const nothingPlain = news.acked === 0 || news.sacked || news.duplicate >= 0 || this.#state !== 'open';
    let repair: Repair = 'none';
    if (nothingPlain && (before.outstanding > 0 || news.duplicate >= 0)) repair = this.#alert(news);
    if (news.restartTimer && !this.#scheduleProbe(true)) this.#restartTimeout();
    if (this.#state === 'recovery') {
      window.reduce(news.delivered, news.acked > 0, board.totalLost - before.totalLost);
    } else if (news.acked > 0) {
      window.grow(news.delivered, now);
    }
    this.#repair(repair);
    this.#sendNew();
  }

  #read(ack: Ack, now: number): AckNews {
    if (ack.next > this.board.window.una) this.#timeoutsInRow = 0;
    if (ack.duplicate >= 0) this.#undo.noteDuplicate(ack.duplicate);
    const news = this.#reader.read(ack, now, this.#stateEnd);
    this.acknowledgedBytes += news.ackedBytes;
    if (news.newestRtt >= 0) {
      this.#rto = this.rtt.rto;
      this.window.onRtt(news.newestRtt, now);
    }
    if (this.#probeEnd >= 0) this.#judgeProbe(news);
    return news;
  }

  /** Whether the tail loss probe repaired a loss (RFC 8985 §7.4): then the window is reduced, as nobody else would. */
  #judgeProbe(news: AckNews): void {
    const { una } = this.board.window;
    if (una < this.#probeEnd) return;
    const arrivedTwice = news.duplicate >= 0 && news.duplicate + 1 === this.#probeEnd;
    if (!this.#probeWasRepeat || arrivedTwice || (news.acked === 0 && !news.sacked && una === this.#probeEnd)) {
      this.#probeEnd = -1;
    } else if (una > this.#probeEnd) {
      this.#beginReduction();
      this.window.endReduction();
      this.#keepOpen();
    }
  }

  // ---- states ----

  /** An ACK that is not plain progress: is something lost, or a state over? */
  #alert(news: AckNews): Repair {
    if (this.#state === 'open') this.#undo.forgetRepeats();
    else if (this.#state === 'recovery' && this.board.window.una >= this.#stateEnd) this.#endRecovery(news);
    if (this.#state === 'recovery') {
      if (this.#undoIfRepeatsWereDuplicates()) this.#keepOpen();
      this.#findLosses(news);
      if (this.state === 'recovery') return 'lost';
    } else if (this.#state === 'loss') {
      const repair = this.#progressInLoss(news);
      const lostRepeats = this.#findLosses(news);
      if (this.state === 'loss' && !lostRepeats) return repair;
    } else {
      this.#undoIfRepeatsWereDuplicates();
      this.#findLosses(news);
    }
    if (this.board.lost === 0) {
      this.#keepOpen();
      return 'none';
    }
    this.#enterRecovery();
    return 'lost';
  }

  /** Returns whether a retransmission was found lost. */
  #findLosses(news: AckNews): boolean {
    const { retransmitted } = this.board;
    const wait = this.#rack.detect(this.board, this.#events.now, this.#reorderingWindow());
    if (wait !== undefined && wait > 0) {
      this.#setTimer('reordering', wait + timerSlackMs);
      news.restartTimer = false;
    }
    return this.#countLostRepeats(retransmitted);
  }

  #countLostRepeats(before: number): boolean {
    const lost = before - this.board.retransmitted;
    this.counters.lostRetransmissions += lost;
    return lost > 0;
  }

  #reorderingWindow(): number {
    if (this.#state === 'recovery' || this.#state === 'loss') return 0;
    if (this.board.sacked >= reorderingThreshold) return 0;
    return Math.min(this.rtt.min / 4, this.rtt.srtt);
  }

  #enterRecovery(): void {
    this.counters.recoveries += 1;
    this.#beginUndo();
    this.#beginReduction();
    this.#state = 'recovery';
  }

  #endRecovery(news: AckNews): void {
    this.#undoIfNeedless(news);
    this.#state = 'open';
    if (this.#undo.possible) this.window.endReduction();
  }

  #beginReduction(): void {
    this.#stateEnd = this.board.window.nxt;
    this.#probeEnd = -1;
    this.window.beginReduction();
  }

  #keepOpen(): void {
    const { board } = this;
    const disorder = board.sacked + board.lost + board.retransmitted > 0 || board.head?.everRetransmitted === true;
    const state = disorder ? 'disorder' : 'open';
    if (state === this.#state) return;
    this.#state = state;
    this.#stateEnd = board.window.nxt;
  }

  /** After a time-out: was it needless (RFC 5682), is the episode over? */
  #progressInLoss(news: AckNews): Repair {
    const { window } = this.board;
    const recovered = window.una >= this.#stateEnd;
    const needless = (news.acked > 0 && this.#mayUndo(news)) || (this.#forwardRto && news.original);
    if (needless) {
      this.#undoRecovery(true);
      this.#state = 'open';
      return 'none';
    }
    if (this.#forwardRto) {
      if (window.nxt > this.#stateEnd) {
        if (news.sacked || news.acked === 0) this.#forwardRto = false;
      } else if (news.acked > 0 && !recovered) {
        this.#stateEnd = window.nxt;
        if (this.#unsent > 0) return 'new-first';
        this.#forwardRto = false;
      }
    }
    if (!recovered) return 'lost';
    this.#undoIfNeedless(news);
    this.#state = 'open';
    return 'none';
  }

  // ---- undo ----

  #beginUndo(): void {
    const { board, window } = this;
    const probes = this.#probeEnd >= 0 && this.#probeWasRepeat ? 1 : 0;
    this.#undo.begin(board.window.una, {
      window: window.cwnd,
      threshold: this.#state === 'recovery' ? window.ssthresh : window.currentThreshold,
      repeats: board.retransmitted + probes,
    });
  }

  #mayUndo(news: AckNews): boolean {
    return this.#undo.repeatsWereDuplicates || (news.acked > 0 && this.#undo.isOriginalResponse(news.echo));
  }

  #undoIfNeedless(news: AckNews): void {
    if (this.#mayUndo(news)) this.#undoRecovery(false);
  }

  #undoIfRepeatsWereDuplicates(): boolean {
    const needless = this.#undo.repeatsWereDuplicates;
    if (needless) this.#undoRecovery(false);
    return needless;
  }

  #undoRecovery(nothingWasLost: boolean): void {
    this.counters.undos += 1;
    if (nothingWasLost) this.board.clearLoss();
    this.window.restore(this.#undo.priorWindow, this.#undo.priorThreshold);
    this.#undo.end();
    this.#rack.reexamine();
  }

  // ---- sending ----

  #repair(repair: Repair): void {
    if (repair === 'none') return;
    if (repair === 'new-first') {
      this.#sendNew();
      if (this.board.window.nxt > this.#stateEnd) return;
      this.#forwardRto = false;
    }
    this.#sendLost();
  }

  #sendLost(): void {
    const { board } = this;
    let headSent = false;
    while (this.window.hasRoom) {
      const segment = board.nextLost();
      if (segment === undefined) break;
      this.#resend(segment);
      if (this.#state === 'recovery') {
        this.window.noteSentInRecovery();
        this.counters.fastRetransmissions += 1;
      }
      if (segment === board.head && this.#pending !== 'reordering') headSent = true;
    }
    if (headSent) this.#setTimer('timeout', this.#rto);
  }

  #resend(segment: Segment): void {
    this.board.markRetransmitted(segment);
    this.#undo.noteRepeat(this.#events.now);
    this.#transmitAgain(segment);
  }

  #transmitAgain(segment: Segment): void {
    segment.everRetransmitted = true;
    this.counters.retransmissions += 1;
    this.#transmit(segment);
  }

  #transmit(segment: Segment): void {
    const { now } = this.#events;
    this.#lastSentAt = now;
    this.board.noteTransmission(segment, now);
    this.counters.segments += 1;
    this.#port.transmit(segment);
  }

  /** Sends new segments, as many as the window allows; `probe`: one, whatever the window says. */
  #sendNew(probe = false): void {
    if (this.#unsent === 0 && this.#fin !== 'queued') return;
    const { board, window } = this;
    let sent = 0;
    while (probe ? sent === 0 : window.hasRoom) {
      const segment = this.#nextSegment();
      if (segment === undefined) break;
      if (board.inFlight === 0) window.noteStart(this.#events.now - this.#lastSentAt, this.#events.now);
      const wasEmpty = board.outstanding === 0;
      board.window.push(segment);
      this.#transmit(segment);
      if (wasEmpty || this.#pending === 'probe') this.#restartTimeout();
      if (this.#state === 'recovery') window.noteSentInRecovery();
      sent += 1;
    }
    window.noteSent(sent);
    if (sent > 0 && !probe) this.#scheduleProbe(false);
  }

  #nextSegment(): Segment | undefined {
    const index = this.board.window.nxt;
    if (this.#unsent > 0) {
      const bytes = Math.min(maxSegmentBytes, this.#unsent);
      this.#unsent -= bytes;
      return createSegment(index, bytes, { push: this.#unsent === 0 });
    }
    if (this.#fin !== 'queued') return undefined;
    this.#fin = 'sent';
    return createSegment(index, 0, { fin: true });
  }

  // ---- the timer ----

  #setTimer(pending: Pending, delayMs: number): void {
    this.#pending = pending;
    this.#timer.set(kernelTimerExpiry(this.#events.now, delayMs));
  }

  /** The full time-out from now; but from the head's last transmission where another kind of timer was running. */
  #restartTimeout(): void {
    const { head } = this.board;
    if (head === undefined) {
      this.#pending = 'none';
      this.#timer.cancel();
      return;
    }
    const since = this.#pending === 'probe' || this.#pending === 'reordering' ? head.sentAt : this.#events.now;
    this.#setTimer('timeout', Math.max(since + this.#rto - this.#events.now, 0));
  }

  /** A tail loss probe (RFC 8985 §7.2) instead of the time-out, where one is allowed. */
  #scheduleProbe(progress: boolean): boolean {
    const { head, outstanding } = this.board;
    if (head === undefined || this.#state !== 'open') return false;
    // A lone segment may have met a delayed ACK.
    const wait = 2 * this.rtt.srtt + (outstanding === 1 ? minRtoMs : timerSlackMs);
    const timeout = progress ? this.#rto : head.sentAt + this.#rto - this.#events.now;
    this.#setTimer('probe', timeout > 0 ? Math.min(wait, timeout) : wait);
    return true;
  }

  #expire(): void {
    if (this.board.outstanding === 0) return;
    switch (this.#pending) {
      case 'probe':
        return this.#probe();
      case 'reordering':
        return this.#endReordering();
      case 'timeout':
        return this.#timeOut();
      case 'none':
    }
  }

  #probe(): void {
    const { board } = this;
    if (this.#probeEnd >= 0) return this.#restartTimeout();
    const { nxt } = board.window;
    this.#sendNew(true);
    this.#probeWasRepeat = board.window.nxt === nxt;
    if (this.#probeWasRepeat && board.tail !== undefined) this.#transmitAgain(board.tail);
    this.#probeEnd = board.window.nxt;
    this.counters.probes += 1;
    this.#pending = 'none';
    this.#restartTimeout();
  }

  #endReordering(): void {
    const { board } = this;
    const { inFlight, retransmitted } = board;
    this.#rack.scan(board, this.#events.now, this.#reorderingWindow());
    this.#countLostRepeats(retransmitted);
    if (board.inFlight !== inFlight) {
      if (this.#state !== 'recovery') {
        this.#enterRecovery();
        this.window.reduce(1, false, 0);
      }
      this.#sendLost();
    }
    if (this.#pending !== 'timeout') this.#restartTimeout();
  }

  #timeOut(): void {
    const { head } = this.board;
    if (head === undefined) return;
    this.counters.timeouts += 1;
    if (this.#timeoutsInRow >= maxTimeouts) return this.#port.timedOut();
    this.#pending = 'none';
    this.#enterLoss(head);
    this.#timeoutsInRow += 1;
    this.#resend(head);
    this.#rto = Math.min(2 * this.#rto, maxRtoMs);
    this.#setTimer('timeout', this.#rto);
  }

  #enterLoss(head: Segment): void {
    const { board } = this;
    const fresh = this.#state === 'open' || this.#state === 'disorder';
    this.#markLostAfterTimeout(head);
    const first = fresh || board.window.una >= this.#stateEnd || (this.#state === 'loss' && this.#timeoutsInRow === 0);
    if (first) this.#beginUndo();
    this.window.collapse(first);
    this.#state = 'loss';
    this.#stateEnd = board.window.nxt;
    this.#probeEnd = -1;
    this.#forwardRto = fresh || this.#timeoutsInRow > 0;
  }

  /** All but what was sent within the last round trip, which may still arrive. */
  #markLostAfterTimeout(head: Segment): void {
    const { board } = this;
    board.markLost(head);
    for (let index = head.index + 1; index < board.window.nxt; index += 1) {
      const segment = board.window.at(index);
      if (this.#rack.remaining(segment, this.#events.now, 0) <= 0) board.markLost(segment);
    }
  }
}
