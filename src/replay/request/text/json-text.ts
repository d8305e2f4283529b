/**
 * JSON (RFC 8259) as it was written: each value with its place in the text, numbers as their characters (`JSON.parse`
 * would round 9007199254740993), members in their order with duplicate names kept. So that values can be compared
 * exactly, and changed with every other character left alone.
 */
export type JsonNode =
  | { type: 'object'; start: number; end: number; members: { key: string; value: JsonNode }[] }
  | { type: 'array'; start: number; end: number; items: JsonNode[] }
  /** `value` is unescaped; `start` and `end` enclose the quotes. */
  | { type: 'string'; start: number; end: number; value: string }
  /** A number, `true`, `false` or `null`, as written. */
  | { type: 'number' | 'literal'; start: number; end: number; value: string };

const maxDepth = 512;

/** Parses `text`; undefined when it is not one JSON value (or nested deeper than 512). */
export function parseJsonText(text: string): JsonNode | undefined {
  const reader = new JsonReader(text);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

class NotJson extends Error {}

const literals = ['true', 'false', 'null'];

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Raw control characters are let through: whoever sends them means something by them, and it is only compared. */
const plainString = /[^"\\]*/y;

class JsonReader {
  readonly #text: string;
  /** Where the next backslash is: most strings have nothing to be unescaped. */
  #backslash = -1;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1;
    const node = this.#value();
    this.#space();
    if (this.#at !== this.#text.length) throw new NotJson();
    return node;
  }

  #value(): JsonNode {
    this.#space();
    const char = this.#text.charCodeAt(this.#at);
    if (char === 0x22) return this.#string();
    if (char === 0x7b || char === 0x5b) {
      this.#depth += 1;
      if (this.#depth > maxDepth) throw new NotJson();
      const node = char === 0x7b ? this.#object() : this.#array();
      this.#depth -= 1;
      return node;
    }
    if (char === 0x2d || (char >= 0x30 && char <= 0x39)) return this.#scalar('number', this.#numberLength());
    for (const word of literals) if (this.#text.startsWith(word, this.#at)) return this.#scalar('literal', word.length);
    throw new NotJson();
  }

  #numberLength(): number {
    // most are a few digits
    let end = this.#at;
    while (isDigit(this.#text.charCodeAt(end))) end += 1;
    const [first, next] = [this.#text.charCodeAt(this.#at), this.#text.charCodeAt(end)];
    const goesOn = next === 0x2e || next === 0x45 || next === 0x65;
    if (end > this.#at && !goesOn && (first !== 0x30 || end === this.#at + 1)) return end - this.#at;
    numberPattern.lastIndex = this.#at;
    const number = numberPattern.exec(this.#text);
    if (number === null) throw new NotJson();
    return number[0].length;
  }

  #scalar(type: 'number' | 'literal', length: number): JsonNode {
    const start = this.#at;
    this.#at += length;
    return { type, start, end: this.#at, value: this.#text.slice(start, this.#at) };
  }

  #object(): JsonNode {
    const start = this.#at++;
    const members: { key: string; value: JsonNode }[] = [];
    if (!this.#taken(0x7d)) {
      do {
        this.#space();
        const key = this.#string().value;
        if (!this.#taken(0x3a)) throw new NotJson();
        members.push({ key, value: this.#value() });
      } while (this.#taken(0x2c));
      if (!this.#taken(0x7d)) throw new NotJson();
    }
    return { type: 'object', start, end: this.#at, members };
  }

  #array(): JsonNode {
    const start = this.#at++;
    const items: JsonNode[] = [];
    if (!this.#taken(0x5d)) {
      do items.push(this.#value());
      while (this.#taken(0x2c));
      if (!this.#taken(0x5d)) throw new NotJson();
    }
    return { type: 'array', start, end: this.#at, items };
  }

  #string(): JsonNode & { type: 'string' } {
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== 0x22) throw new NotJson();
    if (this.#backslash < start) {
      const next = this.#text.indexOf('\\', start);
      this.#backslash = next === -1 ? Infinity : next;
    }
    const close = this.#text.indexOf('"', start + 1);
    if (close === -1) throw new NotJson();
    if (close < this.#backslash) {
      this.#at = close + 1;
      return { type: 'string', start, end: close + 1, value: this.#text.slice(start + 1, close) };
    }
    let end = this.#backslash;
    while (this.#text.charCodeAt(end) === 0x5c) end = this.#plain(end + 2);
    if (this.#text.charCodeAt(end) !== 0x22) throw new NotJson();
    this.#at = end + 1;
    return { type: 'string', start, end: end + 1, value: unescaped(this.#text.slice(start, end + 1)) };
  }

  /** Where a run of characters that need no unescaping ends. */
  #plain(from: number): number {
    plainString.lastIndex = from;
    plainString.exec(this.#text);
    return Math.max(from, plainString.lastIndex);
  }

  #space(): void {
    for (;;) {
      const char = this.#text.charCodeAt(this.#at);
      if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return;
      this.#at += 1;
    }
  }

  #taken(char: number): boolean {
    this.#space();
    if (this.#text.charCodeAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw new NotJson();
  }
}

/**
 * One spelling for each decimal value: `1.50`, `15e-1` and `1.5` are the same, `9007199254740993` and `…992` are not.
 * No rounding: the digits are moved, never computed with.
 */
export function canonicalNumber(raw: string): string {
  if (/^-?\d{1,300}$/.test(raw)) return raw === '-0' ? '0' : raw;
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(raw);
  if (match === null) return raw;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const significant = digits.replace(/0+$/, '');
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  if (power >= 0) return power > 30 ? `${sign}${significant}e${power}` : sign + significant + '0'.repeat(power);
  const point = significant.length + power;
  if (point < -30) return `${sign}${significant}e${power}`;
  return point > 0
    ? `${sign}${significant.slice(0, point)}.${significant.slice(point)}`
    : `${sign}0.${'0'.repeat(-point)}${significant}`;
}
