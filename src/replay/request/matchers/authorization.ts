import { headerValues } from '../../../http/index.js';
import { textField, type Field } from '../field.js';
import { textInBase64 } from '../text/base64.js';
import { defineMatcher } from './define-matcher.js';

/**
 * Who asks: the scheme and credentials of `Authorization`; of signatures (SigV4, Digest, OAuth 1, `AWS KEY:…`) the key
 * or user, not the time or how often.
 */
export const authorization = defineMatcher({
  name: 'authorization',
  summary: 'credentials',
  reads: 'headers',
  mayDiffer: ({ isRenewed }) => isRenewed(),
  project: ({ headers }) => headerValues(headers, 'authorization').flatMap(credentials),
});

const where = 'header authorization';
/** `AWS KEY:SIGNATURE`, `SharedKey ACCOUNT:SIGNATURE`, `HMAC-SHA256 KEY:SIGNATURE`. */
const keyAndSignature = /^([\w.@/+-]{1,128}):([\w+/-]{20,}={0,2})$/;

function credentials(value: string): Field[] {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(value) ?? [];
  const parameters = [...rest.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)];
  const signed = keyAndSignature.exec(rest);
  if (signed !== null && !/^(?:basic|bearer|token)$/i.test(scheme)) {
    const [, key = '', signature = ''] = signed;
    return [
      textField(`${where} scheme`, '', scheme.toLowerCase()),
      textField(`${where} key`, 'key', key),
      textField(`${where} signature`, 'signature', signature),
    ];
  }
  const basic = scheme.toLowerCase() === 'basic' ? userAndPassword(rest) : undefined;
  if (basic !== undefined) {
    return [
      textField(`${where} scheme`, '', 'basic'),
      textField(`${where} user`, 'user', basic.user),
      textField(`${where} password`, 'password', basic.password),
    ];
  }
  // a token may end in `=`, so one `name=value` makes no list
  const listed = parameters.length > 1 || /^(?:digest|oauth|hmac|signature)$/i.test(scheme);
  const fields = listed
    ? parameters
        .filter(([, name]) => name !== 'nc')
        .map(([, name = '', quoted, plain]) => textField(`${where} ${name}`, name, quoted ?? plain ?? ''))
    : [textField(`${where} credentials`, 'authorization', rest)];
  return [textField(`${where} scheme`, '', scheme.toLowerCase()), ...fields];
}

/** Of Basic (RFC 7617 §2), where they are text. */
function userAndPassword(encoded: string): { user: string; password: string } | undefined {
  const text = /^[\w+/-]+={0,2}$/.test(encoded) ? textInBase64(encoded) : undefined;
  const colon = text?.indexOf(':') ?? -1;
  return text === undefined || colon === -1
    ? undefined
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
