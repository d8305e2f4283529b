import { forLongTexts } from '../../../core/for-long-texts.js';
import { defineNormalizer, spansOf } from './define-normalizer.js';
import { looksRandom, mayBeHex } from '../../request/randomness.js';

const word = forLongTexts(/[A-Za-z0-9]{8,}/g);
/** `str(uuid4())[:12]`, as names are made of UUIDs. */
const cutUuid = /(?<![A-Za-z0-9])[0-9a-f]{8}-(?:[0-9a-f]{4}-){0,3}[0-9a-f]{1,11}(?![A-Za-z0-9])/gi;

/** Shorter random words, alone or as a part of a name: hex ids, nanoids, `IMG_3fa85f64.jpg`, `user-x7k2p9qa@x.test`. */
export const randomWords = defineNormalizer({
  name: 'random-words',
  summary: 'Random words of 8 and more letters and digits, also within file names and e-mail addresses',
  kind: 'id',
  traits: { byChance: true },
  needsLongWord: true,
  examples: {
    found: ['IMG_3fa85f64.jpg', 'bucket-3fa85f64-57', 'user-ab12cd34@x.test', '5f1d7e2a9c3b4d6e', 'main.9e8d7c6b.js'],
    leftAlone: ['12345678', 'deadbeef', 'iphone15', 'report_20261121.pdf', 'Windows10', 'checkout2', 'abcdefgh'],
  },
  find: ({ value }, { anyHexWord }) => {
    if (value.length < 8) return [];
    const cut = value.includes('-')
      ? spansOf(value, cutUuid).filter(({ start }) => looksRandom(value.slice(start, start + 8)))
      : [];
    const isRandom = (text: string): boolean => looksRandom(text) || (anyHexWord === true && mayBeHex(text));
    const words = spansOf(value, word).filter(({ start, end }) => isRandom(value.slice(start, end)));
    return cut.length === 0 ? words : [...cut, ...words];
  },
});
