/** A word of a recorded value, and the one that stands at its place in an incoming one. */
export interface WordPair {
  recorded: string;
  incoming: string;
  /** The runs of letters, digits, `_` and `-` that they are parts of. */
  recordedRun: string;
  incomingRun: string;
}

/** The words in which two values differ that are otherwise the same; undefined when they differ in more. */
export function differingWords(recorded: string, incoming: string): WordPair[] | undefined {
  const [past, present] = [piecesOf(recorded), piecesOf(incoming)];
  if (past.length !== present.length) return undefined;
  const pairs: WordPair[] = [];
  for (const [i, piece] of past.entries()) {
    const other = present[i] as Piece;
    if (piece.text === other.text) continue;
    if (!piece.isWord || !other.isWord) return undefined;
    const [from, to] = withoutCommonName(piece.text, other.text);
    pairs.push({ recorded: from, incoming: to, recordedRun: piece.run, incomingRun: other.run });
  }
  return pairs;
}

/** A UUID is one piece. */
const uuidOrWord = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9]+|[_-]+/gi;

interface Piece {
  text: string;
  isWord: boolean;
  run: string;
}

function piecesOf(value: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [text] of value.matchAll(/[\w-]+|[^\w-]+/g)) {
    if (!/[\w-]/.test(text)) pieces.push({ text, isWord: false, run: '' });
    else
      for (const [piece] of text.matchAll(uuidOrWord))
        pieces.push({ text: piece, isWord: /[A-Za-z0-9]/.test(piece), run: text });
  }
  return pieces;
}

/** The numbers of `user4668` and `user5121`. */
function withoutCommonName(one: string, other: string): [string, string] {
  const [, name = '', number = ''] = /^([A-Za-z]{3,})(\d{3,})$/.exec(one) ?? [];
  const rest = name !== '' && other.startsWith(name) ? other.slice(name.length) : '';
  return /^\d{2,}$/.test(rest) ? [number, rest] : [one, other];
}
