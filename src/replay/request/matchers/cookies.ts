import { header, headerValues } from '../../../http/index.js';
import { textField } from '../field.js';
import { byWhere } from './named-fields.js';
import { defineMatcher, type HeaderDifference } from './define-matcher.js';

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
  mayDiffer: ({ recorded, incoming, answer, isServerCookie, isRenewed }) => {
    if (isRenewed() || isForAll(answer)) return true;
    const name = recorded?.name ?? incoming?.name ?? '';
    return analytics.test(name) || ((recorded === undefined || incoming === undefined) && !isServerCookie(name));
  },
});

/** What a shared cache may give to all who ask (RFC 9111 §3, §4.1) is one answer for all, whatever their cookies. */
function isForAll({ status, headers }: HeaderDifference['answer']): boolean {
  const directives = header(headers, 'cache-control')?.toLowerCase() ?? '';
  if (status !== 200 || !/(?:^|[\s,])(?:public|s-maxage=[1-9]\d*)/.test(directives)) return false;
  if (/no-store|no-cache|private|max-age=0\b/.test(directives) || header(headers, 'set-cookie') !== undefined)
    return false;
  return !/(?:^|[\s,])(?:cookie|\*)/i.test(header(headers, 'vary') ?? '');
}
