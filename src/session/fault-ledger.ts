import type { Duplex } from 'node:stream';
import type { FaultReceipt } from '../http/index.js';
import type { ConnectionMeter, DirectionMet, Met, Reckoning } from '../link/index.js';
import type { Toxic } from '../toxics/toxic.js';

export interface FaultLedgerOptions {
  /** The modelled network of a connection, if it has one, by any of the streams that it is to the proxy. */
  meterOf: (...streams: readonly Duplex[]) => ConnectionMeter | undefined;
}

/** One exchange on its connection. */
export interface FaultWatch {
  /** All of the answer is on its way to the client. `done` is told what the exchange met once that has arrived. Called once. */
  end(done: (faults: FaultReceipt[]) => void): void;
}

/**
 * What each exchange of a session met. Of the modelled network it is what befell the connection: time, losses, stalls. Of Toxiproxy's
 * own toxics nobody knows what they did, only which of them stood and what they were told.
 */
export class FaultLedger {
  readonly #options: FaultLedgerOptions;
  #standing: readonly Toxic[] = [];
  readonly #open = new Set<OpenWatch>();

  constructor(options: FaultLedgerOptions) {
    this.#options = options;
  }

  /** The toxics of Toxiproxy's and of the kernel that stand from now on. */
  stand(toxics: readonly Toxic[]): void {
    for (const watch of this.#open) watch.changed(toxics);
    this.#standing = toxics;
  }

  /** An exchange on a connection that has these streams, begun now. `applies`: whether a toxic is for its host at all. */
  watch(streams: readonly Duplex[], applies: (toxic: Toxic) => boolean): FaultWatch {
    const watch = new OpenWatch(
      this.#standing,
      applies,
      () => this.#options.meterOf(...streams)?.begin(),
      () => this.#open.delete(watch),
    );
    this.#open.add(watch);
    return watch;
  }

  /** Gives the receipts of all exchanges that have ended but whose last bytes are still on their way. */
  settle(): void {
    for (const watch of [...this.#open]) watch.settle();
  }
}

class OpenWatch implements FaultWatch {
  readonly #first: readonly Toxic[];
  /** Those that stood at some time, and not for all of it. */
  #changes: (readonly Toxic[])[] = [];
  readonly #begin: () => Reckoning | undefined;
  #reckoning: Reckoning | undefined;
  readonly #over: () => void;
  #done: ((faults: FaultReceipt[]) => void) | undefined;

  constructor(
    standing: readonly Toxic[],
    readonly applies: (toxic: Toxic) => boolean,
    begin: () => Reckoning | undefined,
    over: () => void,
  ) {
    this.#first = standing;
    this.#begin = begin;
    this.#over = over;
    this.#reckoning = begin();
  }

  changed(toxics: readonly Toxic[]): void {
    this.#changes.push(toxics);
  }

  end(done: (faults: FaultReceipt[]) => void): void {
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
    const states = [this.#first, ...this.#changes];
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
        stream,
        toxicity,
        told: attributes,
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

function receiptOf(stream: FaultReceipt['stream'], met: DirectionMet): FaultReceipt {
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
