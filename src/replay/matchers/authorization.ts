import { headerValues } from '../../http/index.js';
import { textField, type Field } from '../field.js';
import { defineMatcher } from './define-matcher.js';

/** Who asks: the scheme and credentials of `Authorization`; of signatures (SigV4, Digest, OAuth 1) the key or user, not the time. */
export const authorization = defineMatcher({
  name: 'authorization',
  summary: 'credentials',
  reads: 'headers',
  project: ({ headers }) => headerValues(headers, 'authorization').flatMap(credentials),
});

const where = 'header authorization';

function credentials(value: string): Field[] {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(value) ?? [];
  const parameters = [...rest.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)];
  // a token may end in `=`, so one `name=value` makes no list
  const listed = parameters.length > 1 || /^(?:digest|oauth|hmac|signature)$/i.test(scheme);
  const fields = listed
    ? parameters.map(([, name = '', quoted, plain]) => textField(`${where} ${name}`, name, quoted ?? plain ?? ''))
    : [textField(`${where} credentials`, 'authorization', rest)];
  return [textField(`${where} scheme`, '', scheme.toLowerCase()), ...fields];
}
