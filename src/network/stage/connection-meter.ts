import type { ConnectionReport, DirectionReport } from './connection-report.js';

/** What one direction of a connection did while something happened on it. All of it is modelled. */
export interface DirectionMet {
  /** The toxics and the link that lose or delay packets of this connection in this direction. */
  sources: string[];
  /** Time for which bytes were held back, ms. */
  heldMs: number;
  /** Packets that did not arrive, those of handshakes and acknowledgements included, and by whom. */
  losses: number;
  lossesBy: Record<string, number>;
  /** Silences that only a timer ended: retransmission time-outs and tail loss probes. */
  stalls: number;
  retransmissions: number;
}

export interface Met {
  up: DirectionMet;
  down: DirectionMet;
  /** What setting the connection up took, where that fell into the time, ms. */
  handshakeMs: number;
  /** Others were under way on the connection at the same time, so that theirs is counted as well. */
  shared: boolean;
}

/** What a meter reads. */
interface Metered {
  report(): ConnectionReport;
  lossesBy(): { up: ReadonlyMap<string, number>; down: ReadonlyMap<string, number> };
  sources(): { up: string[]; down: string[] };
  /** Calls back once all that was written to the client so far has been delivered, or never will be. */
  whenDelivered(done: () => void): void;
}

interface Reading {
  report: ConnectionReport;
  lossesBy: { up: Map<string, number>; down: Map<string, number> };
}

/** One use of the connection, such as an exchange. */
export interface Reckoning {
  /** `done` is told once all that was written by now has been delivered; at once with `now`. Called once. */
  end(done: (met: Met) => void): void;
  now(): Met;
}

/**
 * Tells what befell each use of a connection. A request is known only once it has come through, so what happened since
 * the last use began or ended counts as the next one's.
 */
export class ConnectionMeter {
  readonly #connection: Metered;
  #mark: Reading | undefined;
  readonly #open = new Set<OpenReckoning>();

  constructor(connection: Metered) {
    this.#connection = connection;
  }

  begin(): Reckoning {
    const reckoning: OpenReckoning = new OpenReckoning(this.#mark, {
      read: () => this.#met(reckoning),
      whenDelivered: (done) => this.#connection.whenDelivered(done),
      over: () => {
        this.#open.delete(reckoning);
        this.#mark = this.#read();
      },
    });
    for (const other of this.#open) other.shared = reckoning.shared = true;
    this.#open.add(reckoning);
    this.#mark = this.#read();
    return reckoning;
  }

  #read(): Reading {
    const { up, down } = this.#connection.lossesBy();
    return { report: this.#connection.report(), lossesBy: { up: new Map(up), down: new Map(down) } };
  }

  #met({ from, shared }: OpenReckoning): Met {
    const to = this.#read();
    const sources = this.#connection.sources();
    const direction = (name: 'up' | 'down'): DirectionMet =>
      difference(from?.report[name], to.report[name], {
        sources: sources[name],
        lossesBy: lossesSince(from?.lossesBy[name], to.lossesBy[name]),
      });
    return {
      up: direction('up'),
      down: direction('down'),
      handshakeMs: to.report.handshakeMs - (from?.report.handshakeMs ?? 0),
      shared,
    };
  }
}

class OpenReckoning implements Reckoning {
  shared = false;
  #over = false;

  constructor(
    readonly from: Reading | undefined,
    readonly meter: { read: () => Met; whenDelivered: (done: () => void) => void; over: () => void },
  ) {}

  now(): Met {
    return this.meter.read();
  }

  end(done: (met: Met) => void): void {
    this.meter.whenDelivered(() => {
      if (this.#over) return;
      this.#over = true;
      const met = this.meter.read();
      this.meter.over();
      done(met);
    });
  }
}

function difference(
  from: DirectionReport | undefined,
  to: DirectionReport,
  { sources, lossesBy }: Pick<DirectionMet, 'sources' | 'lossesBy'>,
): DirectionMet {
  const since = (value: (report: DirectionReport) => number): number =>
    value(to) - (from === undefined ? 0 : value(from));
  return {
    sources: [...new Set([...sources, ...Object.keys(lossesBy)])],
    heldMs: since(({ heldMs }) => heldMs),
    losses: Object.values(lossesBy).reduce((sum, count) => sum + count, 0),
    lossesBy,
    stalls: since(({ timeouts, probes }) => timeouts + probes),
    retransmissions: since(({ retransmissions }) => retransmissions),
  };
}

function lossesSince(from: Map<string, number> | undefined, to: Map<string, number>): Record<string, number> {
  const entries = [...to].map(([name, count]) => [name, count - (from?.get(name) ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
