import type { MissedEvents, SessionEvent } from '../protocol/session-event.js';
import type { Clock } from '../core/clock.js';
import type { Key } from './keys.js';
import { pressKey } from './live-keys.js';
import { initialState, reduce, type Effect, type LiveAction, type LiveState } from './live-model.js';

/** Milliseconds between two redraws that the user did not ask for. */
const redrawEveryMs = 100;
/** The view shares its process with the stack, so drawing takes at most this share of the time. */
const drawingShare = 0.1;
/** Events that may wait for the next redraw; of more, the oldest are counted only. */
const eventsWaiting = 10_000;

/** Holds the state of the live view, and tells when to redraw: at once after a key, else at most ten times a second. */
export class LiveStore {
  readonly #listeners = new Set<() => void>();
  readonly #clock: Clock;
  readonly #onEffect: (effect: Effect) => void;
  #state: LiveState;
  #events: (SessionEvent | MissedEvents)[] = [];
  #skipped = 0;
  #timer: NodeJS.Timeout | undefined;
  #drawnAt = 0;
  #drawMs = 0;

  constructor(size: { columns: number; rows: number }, onEffect: (effect: Effect) => void, clock: Clock) {
    this.#state = initialState(size, clock.now());
    this.#onEffect = onEffect;
    this.#clock = clock;
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  dispatch(action: LiveAction): void {
    this.#state = reduce(this.#state, action);
    if (action.type === 'resized') this.#draw();
    else this.#schedule();
  }

  /** Taken into the state with the next redraw. */
  event(event: SessionEvent | MissedEvents): void {
    if (this.#events.length >= eventsWaiting) this.#skipped += this.#events.splice(0, eventsWaiting / 2).length;
    this.#events.push(event);
    this.#schedule();
  }

  press(key: Key): void {
    const { state, effect } = pressKey(this.#state, key);
    this.#state = state;
    this.#draw();
    if (effect !== undefined) this.#onEffect(effect);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const interval = Math.max(redrawEveryMs, this.#drawMs / drawingShare);
    const since = performance.now() - this.#drawnAt;
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, interval - since));
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const start = performance.now();
    this.#takeEvents();
    for (const listener of this.#listeners) listener();
    this.#drawnAt = performance.now();
    this.#drawMs = this.#drawnAt - start;
  }

  #takeEvents(): void {
    if (this.#events.length === 0) return;
    const missed: MissedEvents[] = this.#skipped > 0 ? [{ type: 'missed', count: this.#skipped }] : [];
    // Last, so that it is among the rows that are kept.
    const events = [...this.#events, ...missed];
    [this.#events, this.#skipped] = [[], 0];
    this.#state = reduce(this.#state, { type: 'events', events, now: this.#clock.now() });
  }
}
