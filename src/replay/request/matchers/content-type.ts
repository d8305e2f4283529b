import { textField } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** The body's media type, its parameters (charset, boundary) aside. */
export const contentType = defineMatcher({
  name: 'content-type',
  summary: 'media type of the body',
  reads: 'line',
  project: ({ mediaType: { essence } }) =>
    essence === '' ? [] : [textField('header content-type', 'content-type', essence)],
});
