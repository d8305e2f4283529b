import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** Host and port. The scheme does not count by itself: `http` and `https` differ by their ports. */
export const host = defineMatcher({
  name: 'host',
  summary: 'host and port',
  reads: 'line',
  project: ({ host, port }) => [textField('host', '', `${host.includes(':') ? `[${host}]` : host}:${port}`)],
});
