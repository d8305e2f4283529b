import type { DeliveryTrace } from './delivery-trace.js';
import type { LossProcess } from './loss-process.js';
import type { Random } from './random.js';

/** What `transmit` returns for a packet that the link does not deliver. */
export const lost = -1;

/** The way that packets take in one direction. */
export interface PacketPath {
  /** One-way propagation delay, ms. */
  readonly delayMs: number;
  /**
   * Takes a packet of `bytes` (headers included) at `now`. Returns when its last bit has left the bottleneck, or
   * `lost`; it arrives `delayMs` later.
   */
  transmit(bytes: number, now: number): number;
  /** How many packets of `packetBytes` the way holds, queued and during `rttMs`; `Infinity` where no rate limits it. */
  capacity(packetBytes: number, rttMs: number): number;
}

export interface LinkRate {
  bytesPerMs: number;
  /** The drop-tail queue's length in packets, the one being sent included. */
  queuePackets: number;
  /** Says when packets leave, in place of `bytesPerMs`, which is its mean then. */
  trace?: DeliveryTrace | undefined;
}

/**
 * One direction of a link, which any number of connections may share: loss on entering it, then (if it has a rate) a
 * finite drop-tail queue, then the delay. A lost packet takes no share of the rate.
 */
export class LinkDirection implements PacketPath {
  delayMs: number;
  /** A packet may be this much later than `delayMs` says, drawn evenly; packets keep their order. */
  jitterMs = 0;
  loss: LossProcess;
  readonly counters = { packets: 0, lost: 0, queueDrops: 0, bytes: 0 };
  #rate: LinkRate | undefined;
  /** When each packet that is still queued will have been sent; from `#head` on. */
  #finishes: number[] = [];
  #head = 0;
  #free = 0;
  #latest = 0;
  readonly #random: Random;

  constructor({
    delayMs,
    loss,
    rate,
    random = () => 0,
  }: {
    delayMs: number;
    loss: LossProcess;
    rate?: LinkRate | undefined;
    random?: Random;
  }) {
    this.#random = random;
    this.delayMs = delayMs;
    this.loss = loss;
    this.#rate = rate;
  }

  get rate(): LinkRate | undefined {
    return this.#rate;
  }

  /** A new rate holds for the packets that enter from now on; those already queued leave as they would have. */
  set rate(rate: LinkRate | undefined) {
    this.#rate = rate;
  }

  transmit(bytes: number, now: number): number {
    this.counters.packets += 1;
    this.counters.bytes += bytes;
    if (this.loss.lost(now)) {
      this.counters.lost += 1;
      return lost;
    }
    // Packets keep their order: after a rate was lifted they still leave behind those that it had queued.
    const leaves = this.#rate === undefined ? Math.max(now, this.#free) : this.#enqueue(this.#rate, bytes, now);
    if (leaves === lost || (this.jitterMs === 0 && leaves >= this.#latest)) return leaves;
    this.#latest = Math.max(this.#latest, leaves + this.#random() * this.jitterMs);
    return this.#latest;
  }

  capacity(packetBytes: number, rttMs: number): number {
    if (this.#rate === undefined) return Infinity;
    return Math.ceil((this.#rate.bytesPerMs * rttMs) / packetBytes) + this.#rate.queuePackets;
  }

  #enqueue({ bytesPerMs, queuePackets, trace }: LinkRate, bytes: number, now: number): number {
    const finishes = this.#finishes;
    while (this.#head < finishes.length && (finishes[this.#head] as number) <= now) this.#head += 1;
    if (this.#head > 1024) {
      finishes.splice(0, this.#head);
      this.#head = 0;
    }
    if (finishes.length - this.#head >= queuePackets) {
      this.counters.queueDrops += 1;
      return lost;
    }
    const begin = Math.max(now, this.#free);
    this.#free = trace === undefined ? begin + bytes / bytesPerMs : Math.max(begin, trace.leave(bytes, now));
    finishes.push(this.#free);
    return this.#free;
  }
}

/** Losses of one connection's own in front of a link that it may share with others. */
export class LossyPath implements PacketPath {
  /** A packet is lost when any of these loses it; each sees every packet. */
  losses: readonly LossProcess[];
  /** How many packets each of them lost, and how many the link (as `link`). */
  readonly lostBy = new Map<string, number>();
  readonly #link: PacketPath;

  constructor(losses: readonly LossProcess[], link: PacketPath) {
    this.losses = losses;
    this.#link = link;
  }

  get delayMs(): number {
    return this.#link.delayMs;
  }

  transmit(bytes: number, now: number): number {
    let gone = false;
    for (const process of this.losses) {
      if (!process.lost(now)) continue;
      if (!gone) this.#count(process.name ?? 'packet-loss');
      gone = true;
    }
    if (gone) return lost;
    const leaves = this.#link.transmit(bytes, now);
    if (leaves === lost) this.#count('link');
    return leaves;
  }

  capacity(packetBytes: number, rttMs: number): number {
    return this.#link.capacity(packetBytes, rttMs);
  }

  #count(name: string): void {
    this.lostBy.set(name, (this.lostBy.get(name) ?? 0) + 1);
  }
}
