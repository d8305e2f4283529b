import { styleText } from 'node:util';
import { environment } from '../../config/environment.js';

type Style = Parameters<typeof styleText>[0];
type Writer = NodeJS.WriteStream;

/** Colours of one stream; plain text where the stream is no terminal or `NO_COLOR` is set. */
export type Paint = (style: Style, text: string) => string;

/**
 * Where a command prints: results to stdout, all else to stderr. With `--json` a result is its value as JSON. A reader
 * that goes away (`| head`) is no error: what is written after that is dropped.
 */
export class Output {
  readonly json: boolean;
  readonly paint: Paint;
  readonly paintNote: Paint;
  readonly #stdout: Writer;
  readonly #stderr: Writer;
  #closed = false;
  #onClosed: (() => void)[] = [];

  constructor({ json, stdout = process.stdout, stderr = process.stderr }: OutputOptions) {
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.paint = painter(stdout);
    this.paintNote = painter(stderr);
    this.#watch(stdout);
    stderr.on('error', () => undefined); // nobody is left to be told
  }

  /** Prints a result: `render(value)`, or the value itself with `--json`. An empty text prints nothing. */
  print<T>(value: T, render: (value: T, paint: Paint) => string): void {
    this.#write(this.json ? JSON.stringify(value, null, 2) : render(value, this.paint));
  }

  /** Prints one of many results that come over time; with `--json` one line of JSON each. */
  line<T>(value: T, render: (value: T, paint: Paint) => string): void {
    this.#write(this.json ? JSON.stringify(value) : render(value, this.paint));
  }

  /** Text as it is, with nothing added: a certificate, a completion script. */
  raw(data: string | Uint8Array): void {
    if (!this.#closed) this.#stdout.write(data);
  }

  /** Says something to people, on stderr. */
  note(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  get isTerminal(): boolean {
    return this.#stdout.isTTY;
  }

  /** Characters across; 80 where stdout is no terminal. */
  get columns(): number {
    return this.#stdout.isTTY ? this.#stdout.columns : 80;
  }

  /** Calls back once nobody reads stdout any more, so that a command that follows something can end. */
  onClosed(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClosed.push(callback);
  }

  #write(text: string): void {
    if (text !== '' && !this.#closed) this.#stdout.write(`${text}\n`);
  }

  #watch(stdout: Writer): void {
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.#closed = true;
      for (const callback of this.#onClosed.splice(0)) callback();
    });
  }
}

interface OutputOptions {
  json: boolean;
  stdout?: Writer;
  stderr?: Writer;
}

function painter(stream: Writer): Paint {
  return stream.isTTY && !environment.noColor ? (style, text) => styleText(style, text) : (_, text) => text;
}
