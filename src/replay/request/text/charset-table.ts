import { TextDecoder } from 'node:util';
import { memoizeText } from '../../../core/memoize.js';

/** A charset of one or two bytes for each character, in both directions. */
export interface CharsetTable {
  decoder: TextDecoder;
  /** Undefined when the charset lacks the character. */
  bytesOf: (char: string) => readonly number[] | undefined;
}

/** Undefined when the name is none that is known here. The table is made when it is asked for first. */
export const tableOf = memoizeText((label): CharsetTable | undefined => {
  const decoder = decoderOf(label);
  if (decoder === undefined) return undefined;
  let table: ReadonlyMap<string, readonly number[]> | undefined;
  return { decoder, bytesOf: (char) => (table ??= bytesByCharacter(decoder)).get(char) };
});

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function bytesByCharacter(decoder: TextDecoder): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  const note = (bytes: readonly number[]): void => {
    const char = decoder.decode(Uint8Array.from(bytes));
    if (!char.includes('\ufffd') && [...char].length === 1 && !found.has(char)) found.set(char, bytes);
  };
  for (let byte = 0; byte < 256; byte++) note([byte]);
  for (let lead = 0x81; lead < 0xff; lead++) {
    if (decoder.decode(Uint8Array.of(lead)) !== '\ufffd') continue; // a character by itself
    for (let trail = 0x40; trail < 0xff; trail++) note([lead, trail]);
  }
  return found;
}
