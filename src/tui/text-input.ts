import type { Key } from './keys.js';

/** A line of text that is being typed. `cursor` counts user-perceived characters. */
export interface TextInput {
  text: string;
  cursor: number;
}

const segmenter = new Intl.Segmenter();

export function charactersOf(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** With the cursor at its end. */
export function textInput(text: string): TextInput {
  return { text, cursor: charactersOf(text).length };
}

/** After a key, by the customs of shells (Ctrl-U, Ctrl-W, Home, End); undefined when the key means nothing here. */
export function editText({ text, cursor }: TextInput, key: Key): TextInput | undefined {
  const characters = charactersOf(text);
  const replace = (from: number, to: number, insert = ''): TextInput => {
    const before = characters.slice(0, from).join('') + insert;
    return { text: before + characters.slice(to).join(''), cursor: charactersOf(before).length };
  };
  const move = (to: number): TextInput => ({ text, cursor: Math.max(0, Math.min(characters.length, to)) });
  switch (key.name) {
    case 'text':
      return replace(cursor, cursor, key.text);
    case 'backspace':
      return cursor === 0 ? move(0) : replace(cursor - 1, cursor);
    case 'left':
      return move(cursor - 1);
    case 'right':
      return move(cursor + 1);
    case 'home':
    case 'ctrl-a':
      return move(0);
    case 'end':
    case 'ctrl-e':
      return move(characters.length);
    case 'ctrl-u':
      return replace(0, cursor);
    case 'ctrl-w':
      return replace(startOfWord(characters, cursor), cursor);
    default:
      return undefined;
  }
}

function startOfWord(characters: readonly string[], cursor: number): number {
  let at = cursor;
  while (at > 0 && characters[at - 1] === ' ') at -= 1;
  while (at > 0 && characters[at - 1] !== ' ') at -= 1;
  return at;
}
