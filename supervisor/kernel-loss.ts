import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execa } from 'execa';
import { SerialQueue } from './serial-queue.js';
import type { Logger } from '../src/core/logger.js';
import { messageOf, systemCode, UsageError } from '../src/errors/index.js';

/** Packets of the port that clients connect to which the kernel is to drop. */
export interface DropRule {
  port: number;
  /** `upstream`: those that come from clients; `downstream`: those that go to them. */
  stream: 'upstream' | 'downstream';
  /** Share, 0–1. */
  loss: number;
}

/** Nobody listens on it, so that what is queued there is gone. */
const nobodysQueue = 65_531;
const parts = 1_000_000;
const responseLimitMs = 5000;

/**
 * Real packet loss by nftables, on Linux with CAP_NET_ADMIN. The table has an owner: an `nft` that we hold open. When
 * that ends, for whatever reason (it does when we do, by SIGKILL too), the kernel removes the table.
 */
export class KernelLoss {
  readonly #logger: Logger;
  readonly #program: string;
  readonly #table = `proxyctl_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  readonly #lane = new SerialQueue();
  #holder: Holder | undefined;
  #rules: readonly DropRule[] = [];

  /** `program`: nft, by name or path. */
  constructor(logger: Logger, program = 'nft') {
    this.#logger = logger;
    this.#program = program;
  }

  /** Makes these all there are. Throws `UsageError` with what is missing, and leaves nothing behind then. */
  set(rules: readonly DropRule[]): Promise<void> {
    return this.#lane.run(async () => {
      if (JSON.stringify(rules) === JSON.stringify(this.#rules)) return;
      try {
        await this.#apply(rules);
        this.#rules = rules;
      } catch (error) {
        await this.#end();
        throw unavailable(error);
      }
    });
  }

  async close(): Promise<void> {
    await this.#lane.run(() => this.#end());
  }

  async #apply(rules: readonly DropRule[]): Promise<void> {
    if (rules.length === 0) return this.#end();
    this.#holder ??= this.#hold(await Holder.start(this.#program, this.#table));
    const wanted = rules
      .flatMap(({ stream }) => (stream === 'upstream' ? 1 : 2))
      .reduce((sum, count) => sum + count, 0);
    let said = '';
    // A drop on the way out is told to the sender at once, which no network does. A queue that nobody reads is silent,
    // where there are queues.
    for (const outgoing of [`queue num ${nobodysQueue}`, 'drop']) {
      const { text, errors } = await this.#holder.run(commands(this.#table, rules, outgoing));
      if ((text.match(/numgen/g) ?? []).length === wanted) return;
      said = errors;
    }
    throw new Error(said === '' ? 'nft did not take the rules' : said);
  }

  #hold(holder: Holder): Holder {
    void holder.exited.then(() => {
      if (this.#holder !== holder) return;
      this.#holder = undefined;
      const rules = this.#rules;
      this.#rules = [];
      this.#logger.warn('nft ended, and with it the real packet loss; setting it again', { table: this.#table });
      this.set(rules).catch((error: unknown) =>
        this.#logger.error('There is no real packet loss any more', { error: messageOf(error) }),
      );
    });
    return holder;
  }

  async #end(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    this.#rules = [];
    await holder?.close();
  }
}

/** One transaction. On loopback both ends are here: what goes to clients is dropped where it arrives. */
function commands(table: string, rules: readonly DropRule[], outgoing: string): string {
  const at = (chain: string): string => `add rule inet ${table} ${chain}`;
  const chance = (loss: number): string => `numgen random mod ${parts} < ${Math.round(loss * parts)}`;
  const lines = rules.flatMap(({ port, stream, loss }) =>
    stream === 'upstream'
      ? [`${at('incoming')} tcp dport ${port} ${chance(loss)} counter drop`]
      : [
          `${at('incoming')} iif lo tcp sport ${port} ${chance(loss)} counter drop`,
          `${at('outgoing')} oifname != "lo" tcp sport ${port} ${chance(loss)} counter ${outgoing}`,
        ],
  );
  return [
    `add chain inet ${table} incoming { type filter hook input priority 0; policy accept; }`,
    `add chain inet ${table} outgoing { type filter hook output priority 0; policy accept; }`,
    `flush table inet ${table}`,
    ...lines,
  ].join('; ');
}

/** An `nft -i` that owns a table. */
class Holder {
  readonly exited: Promise<void>;
  #errors = '';
  #heard = (): void => undefined;

  private constructor(
    readonly child: ChildProcess,
    readonly program: string,
    readonly table: string,
  ) {
    child.stdout?.resume();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#heard();
    });
    child.stdin?.on('error', () => undefined); // its end is what counts
    this.exited = new Promise((resolve) => child.once('close', () => resolve()));
  }

  static async start(program: string, table: string): Promise<Holder> {
    if (process.platform !== 'linux') throw new Error('this is not Linux');
    const child = spawn(program, ['-i'], { stdio: 'pipe', detached: true });
    await once(child, 'spawn');
    const holder = new Holder(child, program, table);
    const { text, errors } = await holder.run(`add table inet ${table} { flags owner; }`);
    if (text.includes('flags owner')) return holder;
    await holder.close();
    throw new Error(errors === '' ? 'nft made no table' : errors);
  }

  /** Runs a line; returns the table as it is then, and what nft had against the line. */
  async run(line: string): Promise<{ text: string; errors: string }> {
    this.#errors = '';
    let timer: NodeJS.Timeout | undefined;
    const done = new Promise<void>((resolve) => {
      // Of a line that worked nft says nothing. The one behind it names a table that there never is, and is refused.
      this.#heard = () => {
        if (this.#errors.includes(noTable)) resolve();
      };
      timer = setTimeout(resolve, responseLimitMs);
    });
    this.child.stdin?.write(`${line}\nlist table inet ${noTable}\n`);
    await Promise.race([done, this.exited]);
    clearTimeout(timer);
    const [first = ''] = this.#errors.split('\n');
    const errors = this.#errors.indexOf('Error') === this.#errors.lastIndexOf('Error') ? '' : first;
    return { text: await listing(this.program, this.table), errors };
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    await this.exited;
    clearTimeout(timer);
  }
}

const noTable = 'proxyctl_no_such_table';

/** By another nft: that of an owner keeps what it prints to a pipe until it ends. Empty when there is no such table. */
async function listing(program: string, table: string): Promise<string> {
  const { stdout } = await execa(program, ['list', 'table', 'inet', table], {
    reject: false,
    timeout: responseLimitMs,
  });
  return stdout ?? '';
}

function unavailable(error: unknown): UsageError {
  const missing = systemCode(error) === 'ENOENT';
  const denied = /not permitted|permission/i.test(messageOf(error));
  const why = missing ? 'nft is not installed' : denied ? 'that takes CAP_NET_ADMIN' : messageOf(error);
  return new UsageError(`The kernel cannot be told to drop packets here: ${why}`, {
    cause: error,
    hint:
      process.platform !== 'linux' || missing || denied
        ? 'It needs Linux, nftables (nft), and a stack that runs as root. Without --kernel the loss is modelled, and needs none of that.'
        : 'Without --kernel the loss is modelled, and needs nothing of the kernel.',
  });
}
