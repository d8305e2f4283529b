import { forLongTexts } from '../../../core/for-long-texts.js';
import { defineNormalizer, spansOf, wholeValue } from './define-normalizer.js';
import { looksRandom } from '../../request/randomness.js';
import { isTokenInBase64 } from '../../request/expand.js';
import { isIn } from '../../request/field-path.js';

const base64url = forLongTexts(/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_-])/g);
const base64 = forLongTexts(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,}={0,2}(?![A-Za-z0-9+/=])/g);

/** Long random words in base64 or base64url: session ids, CSRF tokens, authorization codes, keys. */
export const tokens = defineNormalizer({
  name: 'tokens',
  summary: 'Random tokens of 20 and more characters in base64 or base64url',
  kind: 'id',
  needsLongWord: true,
  examples: {
    found: [
      'dGhpc2lzYXJhbmRvbXRva2VuMTIz',
      'u3NmE/OtOcUBPtW4JdZTdC9F5sQ=',
      '8OekDLujnSEbeVQsqNBOv',
      'q8Yt-3kLm_9ZxW2vB7nC1',
      'token=Zm9v+YmFy/MTIzNDU2Nzg5MA==',
    ],
    leftAlone: [
      'a-rather-long-name-of-a-page',
      'getUserProfileByAccountId',
      'getHttpsUrlByAppIdOrIp',
      'XMLHttpRequestUpload',
      'iphone-15-pro-max-256gb-blue',
    ],
  },
  find: (field) => {
    const { value } = field;
    if (value.length < 20) return [];
    if (isTokenInBase64(value)) return wholeValue(field);
    // a slash in a path parts segments; elsewhere a run of base64url may be a part of base64
    const spans =
      !isIn('path', field) && /[+/=]/.test(value)
        ? spansOf(value, base64).filter(({ start, end }) => !hasSegments(value.slice(start, end)))
        : [];
    spans.push(...spansOf(value, base64url));
    return spans.filter(({ start, end }) => isToken(value.slice(start, end)));
  },
});

/** A path, as in `api/v1/orders/5f1d7e2a9c3b4d6e/pay`: between slashes stand words, which base64 has by chance only. */
function hasSegments(text: string): boolean {
  return text.includes('/') && text.split('/').some((segment) => /^(?:[A-Z]?[a-z]{3,}|[A-Z]{4,}|v\d+)$/.test(segment));
}

/** Words parted by `-` or `_` that are no random ones by themselves (slugs, constants) make no token together. */
function isToken(text: string): boolean {
  const pieces = text.split(/[-_+/=]/).filter((piece) => piece !== '');
  const longest = pieces.reduce((a, b) => (b.length > a.length ? b : a), '');
  if (longest.length >= 12 ? looksRandom(longest) : false) return true;
  const mixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  return mixed && pieces.length <= 5 && looksRandom(text.replace(/[-_+/=]/g, ''));
}
