import stringWidth from 'string-width';

/*
 * Text measured in terminal cells: wide characters take two, combining ones none. All that comes from a network is
 * cleaned before it is shown, since a URL may hold the very sequences that drive a terminal.
 */

const ellipsis = '…';
const segmenter = new Intl.Segmenter();
const plain = /^[\x20-\x7e]*$/;
/**
 * Scripts of which each UTF-16 unit is a character of its own, and of one or two cells: Latin, Greek, Cyrillic, the
 * marks that the view draws with; kana, Han, Hangul syllables. Measured without looking for clusters, which takes a
 * hundred times as long.
 */
const simple =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2026\u2190-\u2193\u2195\u2500-\u257f\u25cb\u25cf\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\ufffd]*$/;
/** Where the wide ones among them begin. */
const firstWide = 0x3041;
/** Controls, invisible formatting (bidirectional overrides, joiners), line separators, halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** How many cells it takes. */
export function cellsOf(text: string): number {
  if (plain.test(text)) return text.length;
  if (!simple.test(text)) return stringWidth(text);
  let cells = 0;
  for (let index = 0; index < text.length; index += 1) cells += unitCells(text, index);
  return cells;
}

/** Of text in which `simple` finds nothing else. */
function unitCells(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= firstWide && unit !== 0xfffd ? 2 : 1;
}

/** With every character that is not to be printed replaced by U+FFFD. */
export function clean(text: string): string {
  return plain.test(text) ? text : text.replace(unprintable, '\u{FFFD}');
}

/** At most `length` UTF-16 units, what is too many cut out of the middle: bounds what is kept of a very long URL. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return text.slice(0, head) + ellipsis + text.slice(text.length - (length - 1 - head));
}

/** The longest beginning that fits; where something was cut, `…` is its last character. */
export function cutEnd(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  return cells < 1 ? '' : head(text, cells - 1) + ellipsis;
}

/** Beginning and end with `…` between: of a URL both tell more than the middle. */
export function cutMiddle(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  if (cells < 1) return '';
  const start = head(text, Math.ceil((cells - 1) / 2));
  return start + ellipsis + tail(text, cells - 1 - cellsOf(start));
}

export type Align = 'left' | 'right';

/** Exactly `cells` wide: cut or filled with spaces. */
export function fit(text: string, cells: number, align: Align = 'left', cut = cutEnd): string {
  const short = cut(text, cells);
  const space = ' '.repeat(Math.max(0, cells - cellsOf(short)));
  return align === 'left' ? short + space : space + short;
}

function head(text: string, cells: number): string {
  if (plain.test(text)) return text.slice(0, cells);
  if (simple.test(text)) {
    let [index, used] = [0, 0];
    while (index < text.length && (used += unitCells(text, index)) <= cells) index += 1;
    return text.slice(0, index);
  }
  let [result, used] = ['', 0];
  for (const { segment } of segmenter.segment(text)) {
    used += stringWidth(segment);
    if (used > cells) break;
    result += segment;
  }
  return result;
}

function tail(text: string, cells: number): string {
  if (cells <= 0) return '';
  if (plain.test(text)) return text.slice(-cells);
  let [result, used] = ['', 0];
  const parts = simple.test(text) ? text.split('') : [...segmenter.segment(text)].map(({ segment }) => segment);
  for (const part of parts.reverse()) {
    used += cellsOf(part);
    if (used > cells) break;
    result = part + result;
  }
  return result;
}
