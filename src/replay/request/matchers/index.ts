import { acceptLanguage } from './accept-language.js';
import { accept } from './accept.js';
import { authorization } from './authorization.js';
import { body } from './body.js';
import { contentType } from './content-type.js';
import { cookies } from './cookies.js';
import type { Matcher } from './define-matcher.js';
import { host } from './host.js';
import { method } from './method.js';
import { otherHeaders } from './other-headers.js';
import { path } from './path.js';
import { query } from './query.js';
import { selectingHeaders } from './selecting-headers.js';

export type { HeaderDifference, Matcher } from './define-matcher.js';

/** Every matcher, in the order in which a miss names differences. */
export const matchers: readonly Matcher[] = [
  method,
  host,
  path,
  query,
  contentType,
  authorization,
  cookies,
  accept,
  acceptLanguage,
  selectingHeaders,
  otherHeaders,
  body,
];
