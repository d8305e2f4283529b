import { headerValues } from '../../../http/index.js';
import { textField } from '../field.js';
import { byWhere } from './named-fields.js';
import { defineMatcher } from './define-matcher.js';

/** What pages' own scripts set to count visitors; no response depends on it. */
const analytics =
  /^(?:_ga|_gid|_gat|_gcl|_fbp|_fbc|__utm|_hj|_pk_|mp_|amplitude|ajs_|optanon|_clck|_clsk|_uet|_dd_s|rl_|__hs|_mkto|intercom-)/i;

/** The cookies in any order. One that the server never set may be missing; visitor counters do not count. */
export const cookies = defineMatcher({
  name: 'cookies',
  summary: 'cookies',
  reads: 'headers',
  project: ({ headers }) =>
    headerValues(headers, 'cookie')
      .flatMap((value) => value.split(';'))
      .map((pair) => pair.trim())
      .filter((pair) => pair !== '')
      .map((pair) => {
        const mark = pair.indexOf('=');
        const name = mark === -1 ? pair : pair.slice(0, mark);
        return textField(`cookie ${name}`, name, mark === -1 ? '' : pair.slice(mark + 1));
      })
      .sort(byWhere),
  mayDiffer: ({ recorded, incoming, isServerCookie, isRenewed }) => {
    if (isRenewed()) return true;
    const name = recorded?.name ?? incoming?.name ?? '';
    return analytics.test(name) || ((recorded === undefined || incoming === undefined) && !isServerCookie(name));
  },
});
