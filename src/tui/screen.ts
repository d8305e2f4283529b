import { Writable } from 'node:stream';

const escape = '\u001b[';
/** Another screen (DEC private mode 1049), so that what stood there before comes back; no cursor; nothing wraps. */
const enter = `${escape}?1049h${escape}?25l${escape}?7l${escape}2J`;
const leave = `${escape}0m${escape}?7h${escape}?25h${escape}?1049l`;
/** Synchronized output (DEC private mode 2026): shown in one piece by terminals that know it, no matter to others. */
const begin = `${escape}?2026h`;
const end = `${escape}?2026l`;

/**
 * The whole terminal, painted frame by frame: each write is one frame, and only its lines that changed are sent, each
 * to its own place. Ink draws into this instead of the terminal, since its own way of a full screen is to clear it for
 * each frame, the scrollback with it. The terminal is given back on `close()`, on exit and on a crash.
 */
export class Screen extends Writable {
  readonly #terminal: NodeJS.WriteStream;
  readonly #input: NodeJS.ReadStream;
  #shown: string[] = [];
  #stale = false;
  #open = true;

  constructor(terminal: NodeJS.WriteStream, input: NodeJS.ReadStream) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    this.#input = input;
    terminal.write(enter);
    process.once('exit', this.restore);
    process.once('uncaughtExceptionMonitor', this.restore);
  }

  /** A terminal that does not tell its size is taken to be the smallest usual one. */
  get columns(): number {
    return this.#terminal.columns || 80;
  }

  get rows(): number {
    return this.#terminal.rows || 24;
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: this.rows };
  }

  /** The next frame is painted whole: the terminal changed its size, or somebody else wrote to it. */
  repaint(): void {
    this.#stale = true;
    this.#paint(this.#shown);
  }

  /** Gives the terminal back as it was. May be called twice. */
  readonly restore = (): void => {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.restore);
    process.off('uncaughtExceptionMonitor', this.restore);
    if (this.#input.isRaw) this.#input.setRawMode(false);
    this.#terminal.write(leave);
  };

  override _write(frame: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Ink writes nothing at all to learn when all is written.
    if (frame.length > 0) this.#paint(frame.toString().split('\n'));
    done();
  }

  #paint(lines: string[]): void {
    if (!this.#open) return;
    const visible = lines.slice(0, this.rows);
    const parts = this.#stale ? [`${escape}2J`] : [];
    const before = this.#stale ? [] : this.#shown;
    for (let row = 0; row < Math.max(visible.length, before.length); row += 1) {
      const line = visible[row] ?? '';
      // Erased first and not last: where nothing wraps, the cursor stands on the last cell of a full line.
      if (line !== before[row]) parts.push(`${escape}${row + 1};1H${escape}2K${line}${escape}0m`);
    }
    this.#stale = false;
    this.#shown = visible;
    if (parts.length > 0) this.#terminal.write(begin + parts.join('') + end);
  }
}
