import { EventQueue } from '../../src/link/event-queue.js';
import { LinkDirection } from '../../src/link/link-direction.js';
import { createLossProcess, type LossModel } from '../../src/link/loss-process.js';
import { createRandom, deriveSeed, type Random } from '../../src/link/random.js';
import { TcpStream } from '../../src/link/tcp/tcp-stream.js';
import type { ReferenceCell, Workload } from './reference.js';

/** One measurement: its time, and for bulk what had arrived when it was over or cut off. */
export interface Sample {
  timeMs: number;
  bytes: number;
}

/** From the arrival of data until the process that waits for it runs, ms. */
const processMs = 0.1;

interface Shape {
  request: number;
  response: number;
  /** Exchanges that count, of one connection (or of one link, each on a connection of its own). */
  perJob: number;
  jobs: number;
  warmUp: number;
  fresh: boolean;
  limitMs: number;
}

/** The workloads as the reference's driver has them. */
export const shapes: Record<Exclude<Workload, 'connect'>, Shape> = {
  bulk_10m: { request: 64, response: 10e6, perJob: 1, jobs: 6, warmUp: 0, fresh: true, limitMs: 40_000 },
  bulk_1m: { request: 64, response: 1e6, perJob: 2, jobs: 36, warmUp: 0, fresh: true, limitMs: 300_000 },
  rr_50k: { request: 1000, response: 50_000, perJob: 40, jobs: 15, warmUp: 5, fresh: false, limitMs: 300_000 },
  rr_1k: { request: 1000, response: 1000, perJob: 100, jobs: 6, warmUp: 10, fresh: false, limitMs: 300_000 },
};

export interface SimulationCounters {
  segments: number;
  recoveries: number;
  fastRetransmissions: number;
  lostRetransmissions: number;
  timeouts: number;
  probes: number;
  undos: number;
}

/** Runs a workload of a cell on the model alone, in virtual time. */
export function simulate(
  cell: ReferenceCell,
  workload: Exclude<Workload, 'connect'>,
  { seed, scale = 1 }: { seed: number; scale?: number },
): { samples: Sample[]; counters: SimulationCounters } {
  const shape = shapes[workload];
  const samples: Sample[] = [];
  const counters = {
    segments: 0,
    recoveries: 0,
    fastRetransmissions: 0,
    lostRetransmissions: 0,
    timeouts: 0,
    probes: 0,
    undos: 0,
  };
  for (let job = 0; job < shape.jobs * scale; job += 1) {
    const random = createRandom(deriveSeed(seed, job));
    const link = new SimulatedLink(cell, random);
    let connection: SimulatedConnection | undefined;
    for (let index = -shape.warmUp; index < shape.perJob; index += 1) {
      connection ??= new SimulatedConnection(cell, link);
      const sample = connection.exchange(shape);
      if (index >= 0) samples.push(sample);
      if (shape.fresh || sample.bytes < shape.response) {
        addTo(counters, connection);
        connection.close();
        connection = undefined;
        if (!shape.fresh) break;
      }
    }
    if (connection !== undefined) addTo(counters, connection);
  }
  return { samples, counters };
}

function addTo(counters: SimulationCounters, connection: SimulatedConnection): void {
  const { counters: from } = connection.down;
  for (const name of Object.keys(counters) as (keyof SimulationCounters)[]) counters[name] += from[name];
}

class SimulatedLink {
  readonly events: EventQueue;
  readonly up: LinkDirection;
  readonly down: LinkDirection;

  constructor(cell: ReferenceCell, random: Random) {
    this.events = new EventQueue(random() * 1000);
    const rate =
      cell.rate_mbit === undefined
        ? undefined
        : { bytesPerMs: cell.rate_mbit * 125, queuePackets: cell.queue_pkts ?? 1000 };
    const direction = (lossy: boolean): LinkDirection =>
      new LinkDirection({
        delayMs: cell.rtt_ms / 2,
        loss: createLossProcess(lossy ? lossModel(cell) : { kind: 'none' }, random),
        rate,
      });
    this.up = direction(cell.loss_dir === 'both');
    this.down = direction(cell.loss_dir !== 'none');
  }
}

/** The loss of a cell, in one direction that has any. */
export function lossModel({ ge, loss_pct }: Pick<ReferenceCell, 'ge' | 'loss_pct'>): LossModel {
  if (ge === undefined) return { kind: 'bernoulli', p: loss_pct / 100 };
  const [p = 0, r = 0, lossInBad = 1, lossInGood = 0] = ge.split(':').map((text) => parseFloat(text) / 100);
  return { kind: 'gilbert-elliott', p, r, lossInBad, lossInGood };
}

class SimulatedConnection {
  readonly down: TcpStream;
  readonly #up: TcpStream;
  readonly #link: SimulatedLink;
  #requestLeft = 0;
  #response = 0;
  #received = 0;
  #finishedAt: number | undefined;

  constructor(cell: ReferenceCell, link: SimulatedLink) {
    this.#link = link;
    const { events, up, down } = link;
    const later = (delayMs: number, run: (bytes: number) => void) => ({
      passed: (bytes: number) => events.at(events.now + delayMs + processMs, run, bytes),
    });
    this.#up = new TcpStream(
      { events, forward: up, reverse: down, control: cell.cc },
      later(up.delayMs, (bytes) => this.#serve(bytes)),
    );
    this.down = new TcpStream(
      { events, forward: down, reverse: up, control: cell.cc },
      later(down.delayMs, (bytes) => this.#receive(bytes)),
    );
  }

  exchange({ request, response, limitMs }: Shape): Sample {
    const { events } = this.#link;
    const start = events.now;
    this.#requestLeft = request;
    this.#response = response;
    this.#received = 0;
    this.#finishedAt = undefined;
    this.#up.write(request);
    while (this.#finishedAt === undefined && events.next <= start + limitMs) events.step();
    const end = this.#finishedAt ?? start + limitMs;
    events.advanceTo(end);
    return { timeMs: end - start, bytes: this.#received };
  }

  close(): void {
    this.#up.close();
    this.down.close();
  }

  #serve(bytes: number): void {
    this.#requestLeft -= bytes;
    if (process.env.TRACE)
      console.log(
        this.down.sender.window.cwnd,
        this.down.sender.window.ssthresh,
        this.down.sender.counters.retransmissions,
        this.down.sender.rtt.srtt.toFixed(1),
        this.down.sender.rtt.rto,
      );
    if (this.#requestLeft === 0) this.down.write(this.#response);
  }

  #receive(bytes: number): void {
    this.#received += bytes;
    if (this.#received === this.#response) this.#finishedAt = this.#link.events.now;
  }
}
