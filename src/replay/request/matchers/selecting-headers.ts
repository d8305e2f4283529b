import { headerPairs } from '../../../http/index.js';
import { textField } from '../field.js';
import { byWhere } from './named-fields.js';
import { defineMatcher } from './define-matcher.js';

/** Headers that choose the operation, the resource's part or state, or who it is for. */
const selecting = new RegExp(
  [
    '^(?:range|content-range|upload-offset|if-range|if-match|if-none-match|if-modified-since|if-unmodified-since|depth|destination|overwrite|lock-token)$',
    '^(?:soapaction|x-amz-target|x-http-method(?:-override)?|x-method-override|access-control-request-method|graphql-operation)$',
    '^(?:idempotency-key|prefer|te-selector|sec-websocket-protocol|x-amz-copy-source|x-amz-acl|x-goog-copy-source)$',
    '(?:^|-)(?:tenant|account|organi[sz]ation|org|workspace|project|customer|user|impersonate|act-as|role|team)(?:-?(?:id|name|key|slug))?$',
    '(?:^|-)(?:api-?key|auth|auth-token|access-token|session|session-id|session-token|security-token|csrf-?token|xsrf-?token)$',
    '(?:^|-)(?:locale|lang|language|country|region|currency|market|store|variant|experiment|feature|features)$',
  ].join('|'),
  'i',
);

/** Headers that select the response: ranges, conditions, operation, tenant, user, API key, locale. */
export const selectingHeaders = defineMatcher({
  name: 'selecting-headers',
  summary: 'headers that select the answer',
  reads: 'headers',
  mayDiffer: ({ isRenewed }) => isRenewed(),
  project: ({ headers }) =>
    headerPairs(headers)
      .filter(({ name, value }) => isSelecting(name) || opensWebSocket(name, value))
      .map(({ name, value }) => textField(`header ${name.toLowerCase()}`, name.toLowerCase(), value.trim()))
      .sort(byWhere),
});

/** Other protocols are offered by some clients on their first request only, and mostly not taken up. */
function opensWebSocket(name: string, value: string): boolean {
  return name.toLowerCase() === 'upgrade' && value.trim().toLowerCase() === 'websocket';
}

/** `Accept-Language` is a list of wishes, which a matcher of its own compares. */
export function isSelecting(name: string): boolean {
  return selecting.test(name) && name.toLowerCase() !== 'accept-language';
}
