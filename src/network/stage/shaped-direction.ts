import type { PacketPath } from '../link-direction.js';
import type { CongestionControlName } from '../tcp/congestion-controls.js';
import { createSenderCounters } from '../tcp/sender-counters.js';
import { TcpStream, type TcpStreamCounters } from '../tcp/tcp-stream.js';
import { ByteFifo } from './byte-fifo.js';
import { DeliveryMarks } from './delivery-marks.js';
import type { RealTimeEvents } from './real-time-events.js';

/** What a kernel's send buffer may hold (Linux's default limit): beyond it the writer has to wait, bytes. */
const sendBufferBytes = 4 * 1024 * 1024;
/** The writer may go on once the buffer has got this empty, bytes. */
const refillBytes = (sendBufferBytes * 3) / 4;

/** Where a direction's bytes go. */
interface DirectionSink {
  /** Takes the next bytes; false: hold the following back until `resume` is called. */
  deliver(chunk: Buffer): boolean;
  /** All has been delivered. */
  end(): void;
  /** `write` returned false and now would return true. */
  ready(): void;
  /** The model gave the connection up, as a kernel does after too many time-outs in a row. */
  timedOut(): void;
}

/** How a direction treats its bytes at present. */
export interface DirectionMode {
  /** Through a model of TCP; else as they come. */
  modelled: boolean;
  control: CongestionControlName;
  /** What the stage itself adds to each byte's way, ms. */
  addedDelayMs: number;
}

/**
 * One direction of a connection: bytes come out in the order in which they went in, none lost and none twice, at the
 * times at which TCP would deliver them over the given paths. The model counts bytes; they themselves wait here.
 */
export class ShapedDirection {
  /** Milliseconds for which bytes have been held. */
  #heldMs = 0;
  #heldSince: number | undefined;
  readonly #events: RealTimeEvents;
  readonly #forward: PacketPath;
  readonly #reverse: PacketPath;
  readonly #fifo = new ByteFifo();
  readonly #marks = new DeliveryMarks();
  #sink: DirectionSink | undefined;
  #mode: DirectionMode;
  #stream: TcpStream | undefined;
  #streamControl: CongestionControlName = 'cubic';
  readonly #finished = emptyCounters();
  /** Whether the handshake is over. What is written before waits. */
  #open = false;
  #waiting: number[] = [];
  #endRequested = false;
  /** Of the bytes in the queue, how many may be delivered. */
  #releasable = 0;
  #endReleased = false;
  #ended = false;
  #blocked = false;
  #full = false;
  #dirty = false;
  #closed = false;
  #timedOut = false;
  #lastRelease = 0;

  constructor(
    events: RealTimeEvents,
    { forward, reverse, mode }: { forward: PacketPath; reverse: PacketPath; mode: DirectionMode },
  ) {
    this.#events = events;
    this.#forward = forward;
    this.#reverse = reverse;
    this.#mode = mode;
  }

  set sink(sink: DirectionSink) {
    this.#sink = sink;
  }

  /** Nothing is held, and nothing on its way in the model. */
  get idle(): boolean {
    return this.#fifo.length === 0 && (this.#stream?.idle ?? true);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get heldMs(): number {
    return this.#heldMs + (this.#heldSince === undefined ? 0 : this.#events.queue.now - this.#heldSince);
  }

  get counters(): TcpStreamCounters {
    return this.#stream === undefined ? { ...this.#finished } : sum(this.#finished, this.#stream.counters);
  }

  /** Calls back once all that was written so far has been handed on, or never will be. */
  whenDelivered(done: () => void): void {
    this.#marks.whenDelivered(done);
  }

  /** Takes a chunk, which must not be changed afterwards. Returns false when the writer should wait for `ready`. */
  write(chunk: Buffer): boolean {
    if (this.#closed || chunk.length === 0) return true;
    this.#marks.took(chunk.length);
    if (this.#passesBy) {
      if (this.#deliver(chunk)) return true;
      this.#blocked = true;
      this.#full = true;
      return false;
    }
    this.#events.run(() => {
      this.#fifo.push(chunk);
      this.#heldSince ??= this.#events.queue.now;
      if (this.#open) this.#send(chunk.length);
      else this.#waiting.push(chunk.length);
    });
    // What is delayed is on its way, as in a modelled path; what passes by waits for its reader alone.
    const holds = this.#mode.modelled || this.#mode.addedDelayMs > 0;
    this.#full ||= this.#backlog > (holds ? sendBufferBytes : 0);
    return !this.#full;
  }

  end(): void {
    if (this.#closed || this.#endRequested) return;
    this.#endRequested = true;
    this.#events.run(() => {
      if (this.#open) this.#sendEnd();
    });
  }

  /** The handshake is over. */
  open(): void {
    this.#open = true;
    for (const bytes of this.#waiting.splice(0)) this.#send(bytes);
    if (this.#endRequested) this.#sendEnd();
  }

  /** The sink can take more. */
  resume(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#flushSoon();
  }

  /** What comes from now on is treated so; what is on its way in the model stays in it. */
  set mode(mode: DirectionMode) {
    this.#mode = mode;
  }

  close(): void {
    this.#closed = true;
    this.#retireStream();
    this.#fifo.clear();
    this.#noteHeld();
    this.#marks.close();
  }

  /** Hands out what the model has released. */
  flush(): void {
    this.#dirty = false;
    if (this.#timedOut && !this.#closed) return this.#sink?.timedOut();
    while (this.#releasable > 0 && !this.#blocked && !this.#closed) {
      const chunk = this.#fifo.shift(this.#releasable);
      this.#releasable -= chunk.length;
      if (!this.#deliver(chunk)) this.#blocked = true;
    }
    this.#noteHeld();
    if (this.#endReleased && !this.#ended && this.#fifo.length === 0 && !this.#closed) {
      this.#ended = true;
      this.#sink?.end();
    }
    if (this.#full && this.#backlog <= refillBytes && !this.#closed) {
      this.#full = false;
      this.#sink?.ready();
    }
  }

  /** Whether bytes may go straight through: nothing is held that they would overtake. */
  get #passesBy(): boolean {
    if (!this.#open || this.#blocked || this.#mode.modelled || this.#mode.addedDelayMs > 0) return false;
    if (this.#fifo.length > 0) return false;
    // The stream of an earlier mode may still wait for its last acknowledgement; its bytes are all delivered.
    if (this.#stream !== undefined) this.#retireStream();
    return true;
  }

  get #backlog(): number {
    return Math.max(this.#fifo.length, this.#stream?.backlogBytes ?? 0);
  }

  #deliver(chunk: Buffer): boolean {
    const more = this.#sink?.deliver(chunk) ?? false;
    this.#marks.delivered(chunk.length);
    return more;
  }

  #send(bytes: number): void {
    if (this.#useModel()) this.#modelStream().write(bytes);
    else this.#release(bytes, false);
  }

  #sendEnd(): void {
    if (this.#useModel()) this.#modelStream().end();
    else this.#release(0, true);
  }

  /** While bytes are in the model, all that follows goes through it too. */
  #useModel(): boolean {
    if (this.#mode.modelled) return true;
    return this.#stream !== undefined && !this.#stream.idle;
  }

  #modelStream(): TcpStream {
    if (this.#stream?.idle === true && this.#streamControl !== this.#mode.control) this.#retireStream();
    this.#streamControl = this.#mode.control;
    this.#stream ??= new TcpStream(
      { events: this.#events.queue, forward: this.#forward, reverse: this.#reverse, control: this.#mode.control },
      {
        passed: (bytes, fin) => this.#release(bytes, fin),
        acknowledged: () => {
          if (this.#full) this.#flushSoon();
        },
        timedOut: () => {
          this.#timedOut = true;
          this.#flushSoon();
        },
      },
    );
    return this.#stream;
  }

  #retireStream(): void {
    if (this.#stream === undefined) return;
    Object.assign(this.#finished, sum(this.#finished, this.#stream.counters));
    this.#stream.close();
    this.#stream = undefined;
  }

  #release(bytes: number, fin: boolean): void {
    const { queue } = this.#events;
    const at = Math.max(this.#lastRelease, queue.now + this.#mode.addedDelayMs);
    this.#lastRelease = at;
    if (at > queue.now) queue.at(at, this.#releaseNow, { bytes, fin });
    else this.#releaseNow({ bytes, fin });
  }

  readonly #releaseNow = ({ bytes, fin }: { bytes: number; fin: boolean }): void => {
    this.#releasable += bytes;
    this.#endReleased ||= fin;
    this.#flushSoon();
  };

  #flushSoon(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#events.flush(this);
  }

  #noteHeld(): void {
    if (this.#heldSince === undefined || this.#fifo.length > 0) return;
    this.#heldMs += Math.max(0, this.#events.queue.now - this.#heldSince);
    this.#heldSince = undefined;
  }
}

function emptyCounters(): TcpStreamCounters {
  return { ...createSenderCounters(), segmentsLost: 0, acksLost: 0 };
}

function sum(a: TcpStreamCounters, b: TcpStreamCounters): TcpStreamCounters {
  const total = { ...a };
  for (const name of Object.keys(total) as (keyof TcpStreamCounters)[]) total[name] += b[name];
  return total;
}
