import { header } from '../../../http/index.js';
import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** The media types that the client takes. Another list will do as long as the recorded response is of a type in it. */
export const accept = defineMatcher({
  name: 'accept',
  summary: 'media types accepted',
  reads: 'headers',
  project: ({ headers }) => {
    const value = header(headers, 'accept');
    return value === undefined ? [] : [textField('header accept', 'accept', value.toLowerCase().replace(/\s/g, ''))];
  },
  mayDiffer: ({ recorded, incoming, answer }) => {
    const type = header(answer.headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type === undefined || type === '' || answer.status >= 300)
      return recorded === undefined || incoming === undefined;
    return qualityOf(type, incoming?.value ?? '*/*') > 0 && !asksForAnother(type, incoming?.value ?? '*/*');
  },
});

/** 0 to 1: how much a media type is wanted (RFC 9110 §12.5.1); the most specific range decides. */
function qualityOf(type: string, accepted: string): number {
  const ranges = accepted.split(',').map((text) => {
    const [range = '', ...parameters] = text.split(';');
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return { range, quality: q === undefined ? 1 : Number(q.slice(2)) || 0 };
  });
  const [main] = type.split('/');
  for (const wanted of [type, `${main}/*`, '*/*']) {
    const found = ranges.find(({ range }) => range === wanted);
    if (found !== undefined) return found.quality;
  }
  return 0;
}

/** A list whose first choice is one certain type is a question for that type. */
function asksForAnother(type: string, accepted: string): boolean {
  const [first = ''] = accepted.split(/[,;]/);
  return !first.includes('*') && first !== type && qualityOf(first, accepted) > qualityOf(type, accepted);
}
