import { EventQueue } from '../../src/network/event-queue.js';
import { LinkDirection } from '../../src/network/link-direction.js';
import { createLossProcess } from '../../src/network/loss-process.js';
import { createRandom, deriveSeed, type Random } from '../../src/network/random.js';
import { TcpStream } from '../../src/network/tcp/tcp-stream.js';
import type { ReferenceCell } from './reference.js';
import { lossModel, shapes, type MeasuredWorkload, type Sample, type Shape } from './workloads.js';

/** From the arrival of data until the process that waits for it runs, ms. */
const processMs = 0.1;

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
  workload: MeasuredWorkload,
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
    if (this.#requestLeft === 0) this.down.write(this.#response);
  }

  #receive(bytes: number): void {
    this.#received += bytes;
    if (this.#received === this.#response) this.#finishedAt = this.#link.events.now;
  }
}
