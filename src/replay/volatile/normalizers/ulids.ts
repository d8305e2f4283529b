import { defineNormalizer, spansOf } from './define-normalizer.js';

const pattern = /(?<![0-9A-Za-z])[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])/gi;

/** ULIDs: 26 characters of Crockford's base 32, the first ten of them the time. */
export const ulids = defineNormalizer({
  name: 'ulids',
  summary: 'ULIDs',
  kind: 'id',
  needsLongWord: true,
  examples: {
    found: ['01ARZ3NDEKTSV4RRFFQ69G5FAV', 'evt_01arz3ndektsv4rrffq69g5fav'],
    leftAlone: ['01234567890123456789012345', '81ARZ3NDEKTSV4RRFFQ69G5FAV'],
  },
  find: ({ value }) =>
    value.length < 26
      ? []
      : spansOf(value, pattern).filter(({ start, end }) => /[A-Z].*\d|\d.*[A-Z]/i.test(value.slice(start + 1, end))),
});
