import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** Codings that are taken off one after the other. */
const depth = 3;
/** A text that is longer is no text in a coding. */
const maxView = 4_000_000;

/** Looks for texts in all that a file says, in whatever coding it says it. */
export class Search {
  readonly #views: readonly string[];

  constructor(file: Buffer) {
    this.#views = [...viewsOf(file)];
  }

  /** The coding in which a text stands in the file; undefined when it does not. */
  has(text: string): boolean {
    const isShort = text.length < 9;
    const needles = needlesOf(text);
    return this.#views.some((view) =>
      needles.some((needle) => (isShort ? hasWord(view, needle) : view.includes(needle))),
    );
  }
}

/** How a text is written by codings that are not taken off. */
function needlesOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const cores = [0, 1, 2].flatMap((offset) => {
    const base64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const core = base64.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return core.length < 8 ? [] : [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [
    ...new Set([text, bytes.toString('latin1'), ...(bytes.length < 6 ? [] : [hex, hex.toUpperCase()]), ...cores]),
  ];
}

function hasWord(view: string, needle: string): boolean {
  for (let at = view.indexOf(needle); at !== -1; at = view.indexOf(needle, at + 1)) {
    if (!/[\w.]/.test(view[at - 1] ?? ' ') && !/\w/.test(view[at + needle.length] ?? ' ')) return true;
  }
  return false;
}

/** The file as text, and all that it is when codings are taken off. */
function viewsOf(file: Buffer): Set<string> {
  const views = new Set<string>();
  let next = new Set(textsOf(file));
  for (let round = 0; round <= depth && next.size > 0; round += 1) {
    for (const text of next) views.add(text);
    next = new Set([...next].flatMap(decoded).filter((text) => text.length <= maxView && !views.has(text)));
  }
  return views;
}

/** Bytes as text: in each charset, and unpacked. */
function textsOf(bytes: Buffer): string[] {
  return [bytes, ...unpacked(bytes)].flatMap((each) => {
    const latin1 = each.toString('latin1');
    const isWide = latin1.includes('\0');
    const swapped = isWide && each.length % 2 === 0 ? [Buffer.from(each).swap16().toString('utf16le')] : [];
    return [each.toString('utf8'), latin1, ...(isWide ? [each.toString('utf16le'), ...swapped] : [])];
  });
}

function unpacked(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  const attempt = (unpack: () => Buffer): void => {
    try {
      found.push(unpack());
    } catch {
      // not packed like that
    }
  };
  for (let at = bytes.indexOf('1f8b08', 'hex'); at !== -1; at = bytes.indexOf('1f8b08', at + 1, 'hex')) {
    attempt(() => gunzipSync(bytes.subarray(at)));
  }
  if (found.length === 0) {
    attempt(() => inflateSync(bytes));
    attempt(() => brotliDecompressSync(bytes));
  }
  return found;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const base64Run = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

function decoded(text: string): string[] {
  const percent = text.replace(/(?:%[\da-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
  const entities = text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,5}));/gi,
    (all, decimal?: string, hex?: string, name = '') => {
      const code = decimal === undefined ? (hex === undefined ? undefined : parseInt(hex, 16)) : Number(decimal);
      if (code === undefined) return named[(name as string).toLowerCase()] ?? all;
      return code > 0x10ffff ? all : String.fromCodePoint(code);
    },
  );
  const escapes = text.replace(/\\(?:u([\da-f]{4})|([\s\S]))/gi, (_, hex?: string, one = '') =>
    hex === undefined
      ? ({ n: '\n', r: '\r', t: '\t' }[one as string] ?? (one as string))
      : String.fromCharCode(parseInt(hex, 16)),
  );
  const runs = Array.from(text.matchAll(base64Run), ([run]) => Buffer.from(run, 'base64'));
  const inBase64 = runs.flatMap((bytes) => textsOf(bytes)).filter((each) => each.length >= 8);
  return [percent, entities, escapes, inBase64.join('\n')].filter((each) => each !== text && each !== '');
}
