import { header } from '../../../http/index.js';
import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/**
 * The language that the client wants first. Where only one side names one, it counts if the response says that it does.
 */
export const acceptLanguage = defineMatcher({
  name: 'accept-language',
  summary: 'preferred language',
  reads: 'headers',
  project: ({ headers }) => {
    const first = header(headers, 'accept-language')?.split(/[,;]/)[0]?.trim().toLowerCase();
    return first === undefined || first === '*' ? [] : [textField('header accept-language', 'accept-language', first)];
  },
  mayDiffer: ({ recorded, incoming, answer }) => {
    if (recorded !== undefined && incoming !== undefined) return false;
    const vary = header(answer.headers, 'vary')?.toLowerCase() ?? '';
    return !vary.includes('accept-language') && header(answer.headers, 'content-language') === undefined;
  },
});
