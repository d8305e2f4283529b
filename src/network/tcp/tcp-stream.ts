import type { EventQueue } from '../event-queue.js';
import { lost, type PacketPath } from '../link-direction.js';
import { createCongestionControl, type CongestionControlName } from './congestion-controls.js';
import { headerBytes, maxSegmentBytes } from './constants.js';
import { TcpReceiver, type Ack } from './receiver.js';
import type { Segment } from './segment.js';
import { TcpSender } from './sender.js';
import type { SenderCounters } from './sender-counters.js';

interface TcpStreamEvents {
  /**
   * The next `bytes` of the stream, in order, have got past loss and queue: they reach the other end one propagation
   * delay later. `fin`: nothing follows.
   */
  passed(bytes: number, fin: boolean): void;
  /** The sender has heard that bytes arrived, and may take more. */
  acknowledged?(): void;
  /** The connection was given up (ETIMEDOUT). */
  timedOut?(): void;
}

export interface TcpStreamCounters extends SenderCounters {
  /** Transmissions that the link lost or had no room for; and ACKs. */
  segmentsLost: number;
  acksLost: number;
}

interface TcpStreamOptions {
  events: EventQueue;
  /** The way of the data, and of the acknowledgements. */
  forward: PacketPath;
  reverse: PacketPath;
  control: CongestionControlName;
}

/**
 * One direction of a TCP connection as a model of its packets: a sender, a receiver, and the two ways between them. It
 * counts bytes and holds none. Acknowledgements travel alone, never on data of the other direction.
 */
export class TcpStream {
  readonly sender: TcpSender;
  readonly #receiver: TcpReceiver;
  readonly #events: EventQueue;
  readonly #forward: PacketPath;
  readonly #reverse: PacketPath;
  readonly #output: TcpStreamEvents;
  /** The next segment that is to be handed out. */
  #nextPassed = 0;
  /** Packets keep their order though the delay may have been shortened meanwhile. */
  #lastArrival = 0;
  #lastAckArrival = 0;
  #written = 0;
  #segmentsLost = 0;
  #acksLost = 0;
  #closed = false;

  constructor({ events, forward, reverse, control }: TcpStreamOptions, output: TcpStreamEvents) {
    this.#events = events;
    this.#forward = forward;
    this.#reverse = reverse;
    this.#output = output;
    this.#receiver = new TcpReceiver(events, {
      send: this.#sendAck,
      segmentAt: (index) => this.#segmentAt(index),
      rtt: () => forward.delayMs + reverse.delayMs,
    });
    this.sender = new TcpSender(events, createCongestionControl(control), {
      transmit: this.#sendSegment,
      outOfOrder: this.#receiver.outOfOrder,
      capacity: forward.capacity(maxSegmentBytes + headerBytes, forward.delayMs + reverse.delayMs),
      timedOut: () => output.timedOut?.(),
    });
    this.sender.established(forward.delayMs + reverse.delayMs);
  }

  /** The application writes `bytes`, more than 0. */
  write(bytes: number): void {
    this.#written += bytes;
    this.sender.write(bytes);
  }

  end(): void {
    this.sender.end();
  }

  /** Bytes written and not yet acknowledged: what a kernel's send buffer would hold. */
  get backlogBytes(): number {
    return this.#written - this.sender.acknowledgedBytes;
  }

  /** All that was written has arrived, and the sender knows. */
  get idle(): boolean {
    return this.sender.idle;
  }

  get counters(): TcpStreamCounters {
    return { ...this.sender.counters, segmentsLost: this.#segmentsLost, acksLost: this.#acksLost };
  }

  /** Stops all that was to come. */
  close(): void {
    this.#closed = true;
    this.sender.dispose();
    this.#receiver.dispose();
  }

  #segmentAt(index: number): Segment | undefined {
    const { window } = this.sender.board;
    return index < window.nxt ? window.at(index) : undefined;
  }

  readonly #sendSegment = (segment: Segment): void => {
    const { now } = this.#events;
    const leaves = this.#forward.transmit(segment.bytes + headerBytes, now);
    if (leaves === lost) {
      this.#segmentsLost += 1;
      return;
    }
    this.#lastArrival = Math.max(this.#lastArrival, leaves + this.#forward.delayMs);
    this.#events.at(this.#lastArrival, this.#arrive, { segment, sentAt: now });
    if (leaves > now) this.#events.at(leaves, this.#pass, segment);
    else this.#pass(segment);
  };

  readonly #pass = (segment: Segment): void => {
    segment.passed = true;
    if (segment.index !== this.#nextPassed) return;
    for (let next: Segment | undefined = segment; next?.passed === true; next = this.#segmentAt(this.#nextPassed)) {
      this.#nextPassed += 1;
      if (!this.#closed) this.#output.passed(next.bytes, next.fin);
    }
  };

  readonly #arrive = ({ segment, sentAt }: { segment: Segment; sentAt: number }): void => {
    if (!this.#closed) this.#receiver.arrive(segment, sentAt);
  };

  readonly #sendAck = (ack: Ack): void => {
    const { now } = this.#events;
    const leaves = this.#reverse.transmit(headerBytes, now);
    if (leaves === lost) {
      this.#acksLost += 1;
      return;
    }
    this.#lastAckArrival = Math.max(this.#lastAckArrival, leaves + this.#reverse.delayMs);
    this.#events.at(this.#lastAckArrival, this.#hear, ack);
  };

  readonly #hear = (ack: Ack): void => {
    if (this.#closed) return;
    this.sender.onAck(ack);
    this.#output.acknowledged?.();
  };
}
