import type { Duplex } from 'node:stream';
import type { FaultReceipt } from '../http/index.js';
import type { ConnectionMeter, DirectionMet, Met, Reckoning } from '../network/stage/connection-meter.js';
import type { Toxic } from '../toxics/toxic.js';

interface FaultLedgerOptions {
  /** Whether any connection of the session may have a modelled network. */
  modelled: () => boolean;
  /** The modelled network of a connection, if it has one, by any of the streams that it is to the proxy. */
  meterOf: (...streams: readonly Duplex[]) => ConnectionMeter | undefined;
}

/** What `end` needs to know of an exchange. */
export interface FaultSubject {
  /** What its connection is to the proxy. */
  streams: readonly Duplex[];
  /** Whether a toxic is for its host at all. */
  applies: (toxic: Toxic) => boolean;
}

/** One exchange on its connection; give it back to `end`, once. */
export type FaultWatch = OpenWatch | QuietWatch;

type Done = (faults: FaultReceipt[]) => void;

/**
 * What each exchange of a session met. Of the modelled network it is what befell the connection: time, losses, stalls.
 * Of Toxiproxy's own toxics nobody knows what they did, only which of them stood and what they were told.
 */
export class FaultLedger {
  readonly #options: FaultLedgerOptions;
  #activeToxics: readonly Toxic[] = [];
  readonly #open = new Set<OpenWatch>();
  /**
   * Of all exchanges that have begun since nothing stands any more; and those from before, which are still under way.
   */
  #quiet: QuietWatch | undefined;
  readonly #disturbed = new Set<QuietWatch>();

  constructor(options: FaultLedgerOptions) {
    this.#options = options;
  }

  /** The toxics of Toxiproxy's and of the kernel that stand from now on. */
  setActiveToxics(toxics: readonly Toxic[]): void {
    for (const watch of this.#open) watch.changed(toxics);
    this.#activeToxics = toxics;
    const quiet = this.#quiet;
    if (quiet !== undefined && toxics.length > 0) {
      this.#quiet = undefined;
      if (quiet.exchanges > 0) this.#disturbed.add(quiet);
    }
    for (const watch of this.#disturbed) watch.changes.push(toxics);
  }

  /**
   * An exchange begins for which there is nothing to watch so far: no object is made for it. Else `undefined`: `watch`
   * it.
   */
  watchQuietly(): FaultWatch | undefined {
    if (this.#activeToxics.length > 0 || this.#options.modelled()) return undefined;
    this.#quiet ??= new QuietWatch();
    this.#quiet.exchanges += 1;
    return this.#quiet;
  }

  /** An exchange begins. */
  watch(subject: FaultSubject): FaultWatch {
    return this.#watch(subject, [this.#activeToxics]);
  }

  /** True when an exchange that ends now has met nothing; else `end` it. */
  endQuietly(watch: FaultWatch): boolean {
    if (!(watch instanceof QuietWatch) || watch.changes.length > 0 || this.#options.modelled()) return false;
    watch.exchanges -= 1;
    return true;
  }

  /** All of the response is on its way to the client. `done` is told what the exchange met once that has arrived. */
  end(watch: FaultWatch, subject: FaultSubject, done: Done): void {
    if (watch instanceof OpenWatch) return watch.end(done);
    // What came while it was under way met only a part of it.
    this.#watch(subject, [[], ...watch.changes]).end(done);
    watch.exchanges -= 1;
    if (watch.exchanges === 0) this.#disturbed.delete(watch);
  }

  /** Gives the receipts of all exchanges that have ended but whose last bytes are still on their way. */
  settle(): void {
    for (const watch of [...this.#open]) watch.settle();
  }

  #watch({ streams, applies }: FaultSubject, states: (readonly Toxic[])[]): OpenWatch {
    const watch = new OpenWatch(
      states,
      applies,
      () => this.#options.meterOf(...streams)?.begin(),
      () => this.#open.delete(watch),
    );
    this.#open.add(watch);
    return watch;
  }
}

/** All exchanges that have begun since nothing stood: their number, and what has stood since, which ends it. */
class QuietWatch {
  exchanges = 0;
  readonly changes: (readonly Toxic[])[] = [];
}

class OpenWatch {
  /** What stood at first, and after each change. */
  readonly #states: (readonly Toxic[])[];
  readonly #begin: () => Reckoning | undefined;
  #reckoning: Reckoning | undefined;
  readonly #over: () => void;
  #done: Done | undefined;

  constructor(
    states: (readonly Toxic[])[],
    readonly applies: (toxic: Toxic) => boolean,
    begin: () => Reckoning | undefined,
    over: () => void,
  ) {
    this.#states = states;
    this.#begin = begin;
    this.#over = over;
    this.#reckoning = begin();
  }

  changed(toxics: readonly Toxic[]): void {
    this.#states.push(toxics);
  }

  end(done: Done): void {
    this.#done = done;
    // The network may have been put into the connection while the exchange was under way.
    this.#reckoning ??= this.#begin();
    if (this.#reckoning === undefined) this.#finish(undefined);
    else this.#reckoning.end((met) => this.#finish(met));
  }

  settle(): void {
    if (this.#done !== undefined) this.#finish(this.#reckoning?.now());
  }

  #finish(met: Met | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    this.#over();
    done?.([...this.#ofToxiproxy(), ...(met === undefined ? [] : modelled(met))]);
  }

  #ofToxiproxy(): FaultReceipt[] {
    const states = this.#states;
    const different = new Map(
      states
        .flat()
        .filter(this.applies)
        .map((toxic) => [JSON.stringify(toxic), toxic]),
    );
    return [...different].map(([key, { name, type, stream, toxicity, attributes, kind }]) => {
      const always = states.every((toxics) => toxics.some((toxic) => JSON.stringify(toxic) === key));
      return {
        toxic: name,
        type,
        kind: kind === 'real' ? kind : 'toxiproxy',
        ...(stream === undefined ? {} : { stream, toxicity }),
        settings: attributes,
        ...(always ? {} : { partly: true }),
      };
    });
  }
}

/** One receipt for each direction that has a source of faults: TCP repairs what all of them did together. */
function modelled({ up, down, handshakeMs, shared }: Met): FaultReceipt[] {
  const receipts: FaultReceipt[] = [];
  for (const [stream, met] of [['upstream', up] as const, ['downstream', down] as const]) {
    if (met.sources.length === 0 && met.heldMs === 0) continue;
    receipts.push({ ...receiptOf(stream, met), ...(shared ? { shared: true } : {}) });
  }
  const [first] = receipts;
  if (first !== undefined && handshakeMs > 0) first['handshakeMs'] = round(handshakeMs);
  return receipts;
}

function receiptOf(stream: 'upstream' | 'downstream', met: DirectionMet): FaultReceipt {
  const { sources, heldMs, losses, lossesBy, stalls, retransmissions } = met;
  return {
    toxic: sources.length === 0 ? 'network' : sources.join(' + '),
    kind: 'modelled',
    stream,
    delayMs: round(heldMs),
    losses,
    stalls,
    retransmissions,
    ...(sources.length > 1 && losses > 0 ? { lossesBy } : {}),
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
