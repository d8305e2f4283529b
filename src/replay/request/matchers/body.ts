import { header } from '../../../http/index.js';
import { bodyFields } from '../body/body-fields.js';
import { defineMatcher } from './define-matcher.js';

/** The body by what it holds: JSON, forms, multipart and protobuf by their values, all else byte by byte. */
export const body = defineMatcher({
  name: 'body',
  summary: 'body',
  reads: 'body',
  project: ({ body, mediaType, headers }) => bodyFields(body, mediaType, header(headers, 'grpc-encoding')),
});
