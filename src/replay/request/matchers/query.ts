import { pairsOf } from '../text/urlencoded.js';
import { namedFields } from './named-fields.js';
import { defineMatcher } from './define-matcher.js';

/** The same query parameters in any order; the order among repeats of one name still counts. */
export const query = defineMatcher({
  name: 'query',
  summary: 'query parameters',
  reads: 'line',
  project: ({ query }) => (query === '' ? [] : namedFields('query', pairsOf(query))),
});
