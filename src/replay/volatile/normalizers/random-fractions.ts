import { defineNormalizer, wholeValue } from './define-normalizer.js';

/**
 * What `Math.random()` gives: a fraction below one with ten digits or more. 0.30000000000000004 is arithmetic, not
 * chance.
 */
export const randomFractions = defineNormalizer({
  name: 'random-fractions',
  summary: 'Random fractions between 0 and 1',
  kind: 'noise',
  needsLongWord: true,
  examples: {
    found: ['0.8444218515250481', 'load=0.137543618'],
    leftAlone: ['0.5', '0.30000000000000004', '48.208174', '1.8444218515250481', '0.79999999999999'],
  },
  find: (field) => (/^0\.\d{9,}$/.test(field.value) && !/0{5}|9{5}/.test(field.value) ? wholeValue(field) : []),
});
