import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LogEntry } from '../../src/core/logger.js';
import { isRoutine, parseToxiproxyLog } from './toxiproxy-log.js';

const keptLines = 20;

/** What a Toxiproxy process prints, line by line; `onLog` hears all of it that is not routine. */
export class ToxiproxyOutput {
  readonly #last: string[] = [];
  /** Resolves with Go's reason when the API's listener could not be opened: the process then lives on without it. */
  readonly listenFailure: Promise<string>;

  constructor(
    streams: { stdout: Readable; stderr: Readable },
    private readonly onLog: (entry: LogEntry) => void = () => undefined,
  ) {
    this.listenFailure = new Promise((resolve) => {
      createInterface({ input: streams.stdout }).on('line', (line) => this.#take(line, 'stdout', resolve));
      createInterface({ input: streams.stderr }).on('line', (line) => this.#take(line, 'stderr', resolve));
    });
  }

  /** The last lines, for the message of an error. */
  get tail(): string {
    return this.#last.slice(-3).join(' / ');
  }

  #take(line: string, from: 'stdout' | 'stderr', listenFailed: (reason: string) => void): void {
    if (line === '' || isRoutine(line)) return;
    const entry = parseToxiproxyLog(line, from);
    const reason = typeof entry.fields?.error === 'string' ? entry.fields.error : undefined;
    this.#last.push(reason === undefined ? entry.message : `${entry.message}: ${reason}`);
    if (this.#last.length > keptLines) this.#last.shift();
    this.onLog(entry);
    if (entry.level === 'error' && /\blisten tcp\b/.test(line)) listenFailed(reason ?? line);
  }
}
