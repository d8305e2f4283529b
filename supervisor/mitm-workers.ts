import type { ChildStatus } from '../src/api/schemas.js';
import type { Logger } from '../src/core/logger.js';
import { messageOf } from '../src/errors/index.js';
import type { MitmProcess } from './mitm-process.js';
import type { SupervisedChild } from './supervised-child.js';

interface MitmWorkersOptions {
  /** The most processes that sessions are spread over. */
  most: number;
  /** Makes the child of this number (from 0); it is not started yet. */
  make: (index: number) => SupervisedChild<MitmProcess>;
  /** The worker of each session that is open. */
  placed: () => Iterable<number>;
  logger: Logger;
}

/** A MITM process while it is up, and how often it was started. */
export interface RunningMitm {
  process: MitmProcess;
  generation: number;
}

/**
 * The MITM processes that the sessions are spread over. A session stays where it was placed, so that a process that
 * dies takes only its own sessions along. The first is started with the stack, each further one when there are as many
 * sessions as processes: ahead of the session that will need it, as to start a process takes longer than to open a
 * session.
 */
export class MitmWorkers {
  readonly #options: MitmWorkersOptions;
  readonly #workers: SupervisedChild<MitmProcess>[];
  #growing: { worker: SupervisedChild<MitmProcess>; done: Promise<void> } | undefined;
  #closing = false;

  constructor(options: MitmWorkersOptions) {
    this.#options = options;
    this.#workers = [options.make(0)];
  }

  /** Resolves once the first is up; rejects when it does not start. */
  start(): Promise<void> {
    return this.#first.start();
  }

  /** The process of this number while it is up. */
  at(index: number): RunningMitm | undefined {
    const worker = this.#workers[index];
    return worker?.child === undefined ? undefined : { process: worker.child, generation: worker.generation };
  }

  /** Whether another process than this one answers. */
  hasOtherThan(index: number): boolean {
    return this.#workers.some(({ child, ready }, at) => at !== index && ready && child?.isLate === false);
  }

  /** Those that are up. */
  running(): MitmProcess[] {
    return this.#workers.flatMap(({ child }) => child ?? []);
  }

  status(): ChildStatus[] {
    return this.#workers.map((worker) => worker.status());
  }

  /** Starts a further process if all have a session and there may be more. Resolves when it is up, or did not start. */
  async makeRoom(): Promise<void> {
    if (this.#sessions().every((count) => count > 0)) await this.#grow();
  }

  /** Where the next session goes: to the process with the fewest, of those that are up and answer. */
  place(): number {
    const counts = this.#sessions();
    const up = counts.map((_, index) => index).filter((index) => this.#workers[index]?.ready === true);
    const answering = up.filter((index) => this.#workers[index]?.child?.isLate === false);
    const candidates = [answering, up].find((some) => some.length > 0) ?? counts.map((_, index) => index);
    return candidates.reduce((best, index) => ((counts[index] ?? 0) < (counts[best] ?? 0) ? index : best));
  }

  async close(): Promise<void> {
    this.#closing = true;
    const growing = this.#growing;
    await Promise.all([...this.#workers, ...(growing === undefined ? [] : [growing.worker])].map((one) => one.close()));
    // It may have come up just then.
    await growing?.done;
    await growing?.worker.close();
  }

  get #first(): SupervisedChild<MitmProcess> {
    return this.#workers[0] as SupervisedChild<MitmProcess>;
  }

  /** How many sessions each process has. */
  #sessions(): number[] {
    const counts = this.#workers.map(() => 0);
    for (const index of this.#options.placed()) if (index in counts) counts[index] = (counts[index] ?? 0) + 1;
    return counts;
  }

  /** Never rejects: the processes that there are go on with all sessions. */
  #grow(): Promise<void> {
    if (this.#growing !== undefined) return this.#growing.done;
    const { most, make, logger } = this.#options;
    if (this.#closing || this.#workers.length >= most) return Promise.resolve();
    const worker = make(this.#workers.length);
    const done = worker
      .start()
      .then(
        () => void this.#workers.push(worker),
        async (error: unknown) => {
          if (!this.#closing) logger.warn('A further MITM process did not start', { error: messageOf(error) });
          await worker.close();
        },
      )
      .finally(() => (this.#growing = undefined));
    this.#growing = { worker, done };
    return done;
  }
}
