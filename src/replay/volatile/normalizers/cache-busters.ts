import { canonicalName, defineNormalizer, wholeValue } from './define-normalizer.js';
import { isIn } from '../../request/field-path.js';

const names = new Set([
  ...['cb', 'cachebuster', 'cachebust', 'cachebreaker', 'nocache', 'bust', 'buster', 'dc', 'preventcache'],
  ...['rnd', 'rand', 'random', 'ord', 'uncache', 'refreshtoken_', 'jsonpcallback'],
]);

/** Parameters whose only use is to be different each time. A bare `_` is jQuery's. */
export const cacheBusters = defineNormalizer({
  name: 'cache-busters',
  summary: 'Query parameters that keep caches away: _, cb, rnd, nocache, …',
  kind: 'noise',
  names: (name) => name === '' || names.has(name),
  examples: { found: ['_=1763719200000', 'rnd=0.123', 'cacheBuster=x1'], leftAlone: ['page=2', 'order=1', 'brand=x'] },
  find: (field) => {
    if (!isIn('query', field)) return [];
    return field.name === '_' || names.has(canonicalName(field.name)) ? wholeValue(field) : [];
  },
});
