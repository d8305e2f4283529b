import type { CongestionControl, CongestionWindow } from './congestion-control.js';
import { initialWindow } from './constants.js';
import { RateReduction } from './rate-reduction.js';
import type { Scoreboard } from './scoreboard.js';
import { WindowUse } from './window-use.js';

/** Window of a sender without congestion control: what a peer's receive window of 4 MiB would allow, segments. */
const unlimitedWindow = 2896;

/** How much a sender may have in flight: the congestion window with all that moves it. */
export class SendWindow {
  readonly #control: CongestionControl;
  readonly #board: Scoreboard;
  readonly #state: CongestionWindow;
  readonly #use = new WindowUse();
  readonly #reduction = new RateReduction();

  /** `capacity`: segments that the way can hold, for a sender that nothing else limits. */
  constructor(control: CongestionControl, board: Scoreboard, capacity: number) {
    this.#control = control;
    this.#board = board;
    const unlimited = Math.max(initialWindow, Math.min(unlimitedWindow, capacity));
    this.#state = { cwnd: control.unlimited ? unlimited : initialWindow, ssthresh: Infinity, credit: 0 };
  }

  get cwnd(): number {
    return this.#state.cwnd;
  }

  get ssthresh(): number {
    return this.#state.ssthresh;
  }

  get hasRoom(): boolean {
    return this.#board.inFlight < this.#state.cwnd;
  }

  /** The threshold that losing now would not go below. */
  get currentThreshold(): number {
    const { cwnd, ssthresh } = this.#state;
    return Math.max(ssthresh, (cwnd >> 1) + (cwnd >> 2));
  }

  onRtt(rtt: number, now: number): void {
    const { una, nxt } = this.#board.window;
    this.#control.onRtt(rtt, this.#state, { now, una, nxt });
  }

  /** Progress outside recovery: grows, if the window was what limited the sender. */
  grow(delivered: number, now: number): void {
    if (this.#use.isLimit(this.#state)) this.#control.onAck(this.#state, delivered, now);
  }

  /** A loss: the threshold falls at once, the window follows by `reduce`. */
  beginReduction(): void {
    this.#state.credit = 0;
    this.#reduction.begin(this.#state.cwnd);
    this.#state.ssthresh = this.#control.onLoss(this.#state.cwnd);
  }

  reduce(delivered: number, advanced: boolean, newlyLost: number): void {
    if (delivered === 0) return;
    const { ssthresh } = this.#state;
    const { inFlight } = this.#board;
    this.#set(this.#reduction.window(delivered, { inFlight, ssthresh, advanced, newlyLost }));
  }

  noteSentInRecovery(): void {
    this.#reduction.noteSent();
  }

  endReduction(): void {
    if (this.#state.ssthresh !== Infinity) this.#set(this.#state.ssthresh);
  }

  /** A time-out: one segment, then slow start; `firstOfEpisode`: the threshold has not fallen yet. */
  collapse(firstOfEpisode: boolean): void {
    if (firstOfEpisode) this.#state.ssthresh = this.#control.onLoss(this.#state.cwnd);
    this.#control.onTimeout();
    this.#set(this.#board.inFlight + 1);
    this.#state.credit = 0;
  }

  restore(priorWindow: number, priorThreshold: number): void {
    this.#set(Math.max(this.#state.cwnd, priorWindow));
    this.#state.ssthresh = Math.max(this.#state.ssthresh, priorThreshold);
  }

  /** Sending is about to start with nothing in flight. */
  noteStart(idleMs: number, now: number): void {
    this.#control.onStart(idleMs, now);
  }

  /** After sending `sent` new segments: notes whether the window was the limit. */
  noteSent(sent: number): void {
    const limited = !this.hasRoom;
    if (sent === 0 && !limited) return;
    const { una, nxt } = this.#board.window;
    this.#use.update({ una, nxt, outstanding: this.#board.outstanding }, limited);
  }

  /** The window shrinks while nothing is sent, by half each time-out (RFC 2861), down to the initial one. */
  decay(idleMs: number, rto: number): void {
    let left = idleMs - rto;
    if (left <= 0) return;
    let { cwnd } = this.#state;
    this.#state.ssthresh = this.currentThreshold;
    const least = Math.min(initialWindow, cwnd);
    for (; left > 0 && cwnd > least; left -= rto) cwnd >>= 1;
    this.#set(Math.max(cwnd, least));
  }

  #set(cwnd: number): void {
    if (!this.#control.unlimited) this.#state.cwnd = cwnd;
  }
}
