/** Why a text is no HAR, and where. */
export class HarSyntaxError extends Error {
  constructor(
    readonly problem: string,
    /** Byte in the file. */
    readonly offset: number,
    /** How many whole entries came before. */
    readonly entries: number,
  ) {
    super(`${problem} (at byte ${offset}, after ${entries} whole ${entries === 1 ? 'entry' : 'entries'})`);
    this.name = 'HarSyntaxError';
  }
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const newline = 0x0a;

/** Longer keys are none that we look for. */
const maxKeyBytes = 32;
const maxEntryBytes = 256 * 1024 * 1024;
const maxRestBytes = 16 * 1024 * 1024;

/**
 * Takes a HAR in pieces and hands out the text of each element of `log.entries` as soon as it is whole; all the rest of
 * the document, with an empty list in their place, is in `rest` at the end. It finds the borders alone: whether each
 * text is JSON is for `JSON.parse` to say.
 */
export class HarScanner {
  readonly #onEntry: (text: string, offset: number) => void;
  /** As long as each entry has a line of its own, lines are entries. */
  #onLine: ((text: string, offset: number) => boolean) | undefined;
  #offset = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inEntries = false;
  /** The last string at depth 1 or 2, and the keys that led to where we are. */
  #string: number[] = [];
  #keys: (string | undefined)[] = [];
  #parts: Buffer[] = [];
  #partBytes = 0;
  #entryStart = -1;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #entries = 0;

  /**
   * `onLine` is asked first, of a whole line that looks like an entry (the layout that we write, and much faster to
   * take apart than byte by byte): false when it is not one JSON value after all. It is not asked again then.
   */
  constructor(onEntry: (text: string, offset: number) => void, onLine?: (text: string, offset: number) => boolean) {
    this.#onEntry = onEntry;
    this.#onLine = onLine;
  }

  get offset(): number {
    return this.#offset;
  }

  get entries(): number {
    return this.#entries;
  }

  /** The document without its entries. Throws when it is not over. */
  rest(): string {
    if (this.#depth > 0 || this.#inString) throw this.error('it ends in the middle');
    return Buffer.concat(this.#rest).toString('utf8');
  }

  /** As much of that as has come. */
  restSoFar(): string {
    return Buffer.concat(this.#rest).toString('utf8');
  }

  error(problem: string, offset = this.#offset): HarSyntaxError {
    return new HarSyntaxError(problem, offset, this.#entries);
  }

  write(chunk: Buffer): void {
    const base = this.#offset;
    let from = 0; // the first byte of this chunk that was not kept yet
    let i = 0;
    while (i < chunk.length) {
      if (this.#inString) {
        i = this.#skipString(chunk, i);
        continue;
      }
      // Deep within an entry only brackets and quotes count, and most bytes are neither.
      if (this.#depth > 3) i = nextMark(chunk, i);
      if (i === chunk.length) break;
      const byte = chunk[i] as number;
      switch (byte) {
        case quote:
          if (this.#inEntries && this.#depth === 3) throw this.error('an entry is not an object', base + i);
          this.#inString = true;
          this.#string = [];
          break;
        case colon:
          if (this.#depth === 1 || this.#depth === 2) this.#keys[this.#depth] = String.fromCharCode(...this.#string);
          break;
        case openBrace:
        case openBracket:
          if (this.#inEntries && this.#depth === 3) {
            const end = this.#takeLine(chunk, i, base);
            if (end > i) {
              i = from = end;
              continue;
            }
            from = i; // what stands between entries is left out
            this.#entryStart = base + i;
          }
          this.#depth += 1;
          if (byte === openBracket && this.#depth === 3 && this.#keys[1] === 'log' && this.#keys[2] === 'entries') {
            this.#inEntries = true;
            this.#keepRest(chunk, from, i + 1);
            from = i + 1;
          }
          break;
        case closeBrace:
        case closeBracket:
          this.#depth -= 1;
          if (this.#depth < 0) throw this.error('a bracket too many', base + i);
          if (!this.#inEntries) break;
          if (this.#depth === 3) {
            this.#finishEntry(chunk.subarray(from, i + 1));
            from = i + 1;
          } else if (this.#depth === 2) {
            this.#inEntries = false;
            from = i;
          }
          break;
        default:
          if (this.#inEntries && this.#depth === 3 && byte > 0x20 && byte !== comma) {
            throw this.error('an entry is not an object', base + i);
          }
      }
      i += 1;
    }
    this.#offset = base + chunk.length;
    if (this.#entryStart >= 0) this.#keepEntry(chunk.subarray(from));
    else if (!this.#inEntries) this.#keepRest(chunk, from, chunk.length);
  }

  /** From within a string to the byte after its end, or to the end of the chunk. Remembers it where it may be a key. */
  #skipString(chunk: Buffer, start: number): number {
    let i = start;
    let escaped = this.#escaped;
    for (; i < chunk.length; i++) {
      const byte = chunk[i];
      if (escaped) escaped = false;
      else if (byte === backslash) escaped = true;
      else if (byte === quote) break;
    }
    this.#escaped = escaped;
    if (this.#depth <= 2 && this.#string.length <= maxKeyBytes)
      this.#string.push(...chunk.subarray(start, Math.min(i, start + maxKeyBytes + 1)));
    if (i === chunk.length) return i;
    this.#inString = false;
    return i + 1;
  }

  /**
   * Where the entry that is the line from `start` on ends; `start` itself when there is none, or not all of it is here
   * yet.
   */
  #takeLine(chunk: Buffer, start: number, base: number): number {
    if (this.#onLine === undefined) return start;
    let end = chunk.indexOf(newline, start);
    if (end === -1) return start;
    while (end > start && isAfterEntry(chunk[end - 1] as number)) end -= 1;
    if (chunk[end - 1] === closeBrace && this.#onLine(chunk.toString('utf8', start, end), base + start)) {
      this.#entries += 1;
      return end;
    }
    this.#onLine = undefined;
    return start;
  }

  #keepEntry(part: Buffer): void {
    this.#partBytes += part.length;
    if (this.#partBytes > maxEntryBytes) throw this.error(`an entry is over ${maxEntryBytes} bytes`, this.#entryStart);
    this.#parts.push(part);
  }

  #keepRest(chunk: Buffer, from: number, to: number): void {
    if (from === to) return;
    this.#restBytes += to - from;
    if (this.#restBytes > maxRestBytes) throw this.error(`there are over ${maxRestBytes} bytes besides the entries`);
    this.#rest.push(chunk.subarray(from, to));
  }

  #finishEntry(last: Buffer): void {
    this.#keepEntry(last);
    const text = (this.#parts.length === 1 ? last : Buffer.concat(this.#parts, this.#partBytes)).toString('utf8');
    const start = this.#entryStart;
    this.#parts = [];
    this.#partBytes = 0;
    this.#entryStart = -1;
    this.#onEntry(text, start);
    this.#entries += 1;
  }
}

/** A comma or white space. */
function isAfterEntry(byte: number): boolean {
  return byte === comma || byte === 0x20 || byte === 0x0d || byte === 0x09;
}

/** The next bracket or quote from `start` on. */
function nextMark(chunk: Buffer, start: number): number {
  let i = start;
  for (; i < chunk.length; i++) {
    const byte = chunk[i] as number;
    if (byte === quote || byte === openBrace || byte === closeBrace || byte === openBracket || byte === closeBracket)
      break;
  }
  return i;
}
