import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** Case counts (RFC 9110 §9.1). */
export const method = defineMatcher({
  name: 'method',
  summary: 'method',
  reads: 'line',
  project: ({ method }) => [textField('method', '', method)],
});
