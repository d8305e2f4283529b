import { canonicalName, defineNormalizer, wholeValue } from './define-normalizer.js';
import { fieldPath, type FieldPath } from '../../request/field-path.js';

const names = new Set([
  ...['nonce', 'cnonce', 'oauthnonce', 'requestid', 'reqid', 'clientrequestid', 'correlationid', 'conversationid'],
  ...['traceid', 'spanid', 'parentspanid', 'traceparent', 'tracestate', 'b3', 'sw8', 'sentrytrace', 'baggage'],
  ...[
    'idempotencykey',
    'idempotencytoken',
    'clientmutationid',
    'clienttoken',
    'dedupid',
    'deduplicationid',
    'messagededuplicationid',
  ],
  ...['amzsdkinvocationid', 'eventid', 'insertid', 'batchid', 'jti'],
]);

/** OAuth and OpenID Connect send `state` for themselves; elsewhere it is a state of things. */
const loginNames = ['codechallenge', 'redirecturi', 'responsetype', 'code'];

/** Values that are made to be used once. */
export const nonces = defineNormalizer({
  name: 'nonces',
  summary: 'Nonces, request and trace ids, idempotency keys: by their names',
  kind: 'id',
  traits: { clientMade: true, onceOnly: true },
  names: (name) => name === 'id' || name === 'state' || names.has(name),
  examples: {
    found: ['nonce=1', 'X-Request-Id=17', 'clientMutationId=m-1', 'idempotency_key=k1', 'sw8=1-a-b-3-c-d-e-f'],
    leftAlone: ['state=new', 'id=17', 'request=full', 'event=click'],
  },
  find: (field, { names: all }) => {
    const name = canonicalName(field.name);
    // JSON-RPC 2.0 §4: a number of the call, which its response repeats
    if (name === 'id' && all.has('jsonrpc') && isJsonRpcId(fieldPath(field.where))) return wholeValue(field);
    if (names.has(name)) return wholeValue(field);
    return name === 'state' && loginNames.some((login) => all.has(login)) ? wholeValue(field) : [];
  },
});

function isJsonRpcId({ part, path }: FieldPath): boolean {
  return part === 'json' && /^\$(?:\[\d+\])?\.id$/.test(path);
}
