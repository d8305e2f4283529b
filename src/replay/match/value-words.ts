import { forLongTexts } from '../../core/for-long-texts.js';
import type { Field } from '../request/field.js';
import { looksRandom } from '../request/randomness.js';

/** Longer values are data, and no names. */
const maxWholeLength = 200;
/** Shorter words stand everywhere. */
const minWord = 3;

const run = /[\w-]{3,}/g;
const odd = forLongTexts(/[\w+/-]{20,}={0,2}|0\.\d{9,}/g);
/** Words with dots between them, which are one name where they are made by chance. */
const dotted = /(?<![A-Za-z0-9])[A-Za-z0-9]+(?:\.[A-Za-z0-9]+){1,16}/g;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The parts of a text that can be a name of something: words, UUIDs and pieces within them, base64. */
export function* wordsIn(text: string): Iterable<string> {
  for (const [word] of text.matchAll(run)) {
    yield word;
    if (word.length > 36) for (const [id] of word.matchAll(uuid)) yield id;
    if (/[_-]/.test(word)) for (const piece of word.split(/[_-]/)) if (piece.length >= minWord) yield piece;
  }
  for (const [word] of text.matchAll(odd)) if (/[+/=.]/.test(word)) yield word;
  if (text.includes('.')) for (const [word] of text.matchAll(dotted)) if (isOneByChance(word)) yield word;
}

/** Whether letters and digits with dots between them are by chance when they are put together: a UUID with dots. */
export function isOneByChance(text: string): boolean {
  return /^[A-Za-z0-9.]+$/.test(text) && looksRandom(text.replaceAll('.', ''));
}

/** What a field holds by itself, and the words in it. */
export function* valuesAndWords(field: Field): Iterable<string> {
  for (const value of partsOfField(field)) {
    if (value.length >= minWord && value.length <= maxWholeLength && !/^[\w-]+$/.test(value)) yield value;
    yield* wordsIn(value);
  }
}

/** The segments of a path; any other field is one part. */
export function partsOfField({ where, value }: Field): string[] {
  return where === 'path' ? value.split('/') : [value];
}
