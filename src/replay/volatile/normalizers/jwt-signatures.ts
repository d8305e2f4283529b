import { defineNormalizer, wholeValue } from './define-normalizer.js';

/** The signature of a JWT: made anew with each token, but one that the server gave must come back as it was. */
export const jwtSignatures = defineNormalizer({
  name: 'jwt-signatures',
  summary: 'Signatures of JSON Web Tokens; their claims are compared one by one',
  kind: 'id',
  traits: { clientMade: true },
  names: (name) => name === 'jwtsignature',
  examples: { found: ['jwt signature=abc'], leftAlone: ['signature_required=yes'] },
  find: (field) => (field.name === 'jwt signature' ? wholeValue(field) : []),
});
