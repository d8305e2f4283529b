import { body } from './body.js';
import { contentType } from './content-type.js';
import type { Matcher } from './define-matcher.js';
import { host } from './host.js';
import { method } from './method.js';
import { path } from './path.js';
import { query } from './query.js';

export type { Matcher } from './define-matcher.js';

/** Every matcher, in the order in which a miss names differences. */
export const matchers: readonly Matcher[] = [method, host, path, query, contentType, body];
