import { canonicalName, defineNormalizer, wholeValue } from './define-normalizer.js';

const names = new Set([
  ...['signature', 'sig', 'sign', 'hmac', 'mac', 'amzsignature', 'googsignature', 'oauthsignature', 'requestsignature'],
  ...['signaturev2', 'contentsignature', 'hubsignature', 'hubsignature256'],
]);

/**
 * A signature covers the time and the nonces of its request, so it differs whenever they do; what it signs is compared
 * itself.
 */
export const signatures = defineNormalizer({
  name: 'signatures',
  summary: 'Signatures: X-Amz-Signature, hmac, sig, oauth_signature, …',
  kind: 'noise',
  names: (name) => names.has(name),
  examples: {
    found: ['X-Amz-Signature=ab12', 'sig=x%3D', 'hmac=1f'],
    leftAlone: ['design=x', 'signed=true', 'assign=me'],
  },
  find: (field) => (names.has(canonicalName(field.name)) ? wholeValue(field) : []),
});
