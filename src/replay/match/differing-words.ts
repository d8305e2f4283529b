import { isOneByChance } from './value-words.js';

/** A word of a recorded value, and the one that stands at its place in an incoming one. */
export interface WordPair {
  recorded: string;
  incoming: string;
  /** The runs of letters, digits, `_` and `-` that they are parts of. */
  recordedRun: string;
  incomingRun: string;
}

/**
 * The words in which two values differ that are otherwise the same; undefined when they differ in more. A run of which
 * every word differs is one word: its pieces are no names by themselves.
 */
export function differingWords(recorded: string, incoming: string): WordPair[] | undefined {
  const [past, present] = [runsOf(recorded), runsOf(incoming)];
  if (past.length !== present.length) return undefined;
  const pairs: WordPair[] = [];
  for (let i = 0; i < past.length; i++) {
    const [run, other] = [past[i] as string, present[i] as string];
    if (run === other) continue;
    const end = endOfOne(past, present, i);
    const found =
      end > i + 1
        ? [wholeOf(past.slice(i, end).join(''), present.slice(i, end).join(''))]
        : isRun(run) && isRun(other)
          ? inRun(run, other)
          : undefined;
    if (found === undefined) return undefined;
    pairs.push(...found);
    i = end - 1;
  }
  return pairs;
}

function wholeOf(recorded: string, incoming: string): WordPair {
  return { recorded, incoming, recordedRun: recorded, incomingRun: incoming };
}

/** Where a name ends that begins with this run: runs that differ, with dots between them, are one if made by chance. */
function endOfOne(past: readonly string[], present: readonly string[], start: number): number {
  let end = start + 1;
  while (past[end] === '.' && present[end] === '.' && past[end + 1] !== present[end + 1]) end += 2;
  return [past, present].every((runs) => isOneByChance(runs.slice(start, end).join(''))) ? end : start + 1;
}

function inRun(recordedRun: string, incomingRun: string): WordPair[] | undefined {
  const [past, present] = [piecesOf(recordedRun), piecesOf(incomingRun)];
  if (past.length !== present.length) return undefined;
  const pairs: WordPair[] = [];
  for (const [i, piece] of past.entries()) {
    const other = present[i] as string;
    if (piece === other) continue;
    if (!isWord(piece) || !isWord(other)) return undefined;
    const [recorded, incoming] = withoutCommonName(piece, other);
    pairs.push({ recorded, incoming, recordedRun, incomingRun });
  }
  const isWhole = pairs.length > 1 && pairs.length === past.filter(isWord).length;
  return isWhole ? [wholeOf(recordedRun, incomingRun)] : pairs;
}

function isRun(text: string): boolean {
  return /[\w-]/.test(text);
}

function isWord(piece: string): boolean {
  return /[A-Za-z0-9]/.test(piece);
}

/** Runs of letters, digits, `_` and `-`, and what stands between them. */
function runsOf(value: string): string[] {
  return value.match(/[\w-]+|[^\w-]+/g) ?? [];
}

/** Words of a run, and what stands between them. */
function piecesOf(run: string): string[] {
  return run.match(uuidOrWord) ?? [];
}

/** A UUID is one piece. */
const uuidOrWord = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9]+|[_-]+/gi;

/** The numbers of `user4668` and `user5121`. */
function withoutCommonName(one: string, other: string): [string, string] {
  const [, name = '', number = ''] = /^([A-Za-z]{3,})(\d{3,})$/.exec(one) ?? [];
  const rest = name !== '' && other.startsWith(name) ? other.slice(name.length) : '';
  return /^\d{2,}$/.test(rest) ? [number, rest] : [one, other];
}
