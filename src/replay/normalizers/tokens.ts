import { defineNormalizer, spansOf } from './define-normalizer.js';
import { looksRandom } from './randomness.js';

const base64url = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_-])/g;
const base64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,}={0,2}(?![A-Za-z0-9+/=])/g;

/** Long random words in base64 or base64url: session ids, CSRF tokens, authorization codes, keys. */
export const tokens = defineNormalizer({
  name: 'tokens',
  summary: 'Random tokens of 20 and more characters in base64 or base64url',
  kind: 'id',
  inLongWords: true,
  examples: {
    found: ['dGhpc2lzYXJhbmRvbXRva2VuMTIz', 'q8Yt-3kLm_9ZxW2vB7nC1', 'token=Zm9v+YmFy/MTIzNDU2Nzg5MA=='],
    leftAlone: ['a-rather-long-name-of-a-page', 'getUserProfileByAccountId', 'iphone-15-pro-max-256gb-blue'],
  },
  find: ({ value, where }) => {
    if (value.length < 20) return [];
    const spans = spansOf(value, base64url);
    // a slash in a path parts segments
    if (where !== 'path' && /[+/=]/.test(value)) spans.push(...spansOf(value, base64));
    return spans.filter(({ start, end }) => isToken(value.slice(start, end)));
  },
});

/** Words parted by `-` or `_` that are no random ones by themselves (slugs, constants) make no token together. */
function isToken(text: string): boolean {
  const pieces = text.split(/[-_+/=]/).filter((piece) => piece !== '');
  const longest = pieces.reduce((a, b) => (b.length > a.length ? b : a), '');
  if (longest.length >= 12 ? looksRandom(longest) : false) return true;
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  return mixed && pieces.length <= 5 && looksRandom(text.replace(/[-_+/=]/g, ''));
}
