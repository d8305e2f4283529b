import { header, headerPairs } from '../../../http/index.js';
import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';
import { byWhere } from './named-fields.js';
import { isSelecting } from './selecting-headers.js';

/** Compared by other matchers, or about the connection and not about the response. */
const apart = new Set([
  ...['authorization', 'cookie', 'accept', 'accept-language', 'content-type'],
  ...[
    'host',
    'content-length',
    'content-encoding',
    'transfer-encoding',
    'connection',
    'keep-alive',
    'proxy-connection',
  ],
  ...['proxy-authorization', 'te', 'trailer', 'upgrade', 'expect', 'via', 'forwarded', 'date', 'http2-settings'],
]);

/**
 * All other headers may differ, unless the recorded response says by `Vary` that they matter. Equal ones are preferred.
 */
export const otherHeaders = defineMatcher({
  name: 'vary',
  summary: 'headers that the answer’s Vary names',
  reads: 'headers',
  project: ({ headers }) =>
    headerPairs(headers)
      .filter(({ name }) => !apart.has(name.toLowerCase()) && !isSelecting(name))
      .map(({ name, value }) => textField(`header ${name.toLowerCase()}`, name.toLowerCase(), value.trim()))
      .sort(byWhere),
  mayDiffer: ({ recorded, incoming, answer }) => {
    const name = recorded?.name ?? incoming?.name ?? '';
    // what is given in another coding is coded anew; Origin and User-Agent are named by habit and change by environment
    if (['accept-encoding', 'origin', 'user-agent'].includes(name)) return true;
    const vary =
      header(answer.headers, 'vary')
        ?.toLowerCase()
        .split(/\s*,\s*/) ?? [];
    return !vary.includes(name);
  },
});
