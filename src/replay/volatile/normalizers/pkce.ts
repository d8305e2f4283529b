import { canonicalName, defineNormalizer, wholeValue } from './define-normalizer.js';

/** RFC 7636: both are made anew for each login. */
export const pkce = defineNormalizer({
  name: 'pkce',
  summary: 'PKCE: code_challenge and code_verifier',
  kind: 'id',
  traits: { clientMade: true },
  names: isPkce,
  examples: {
    found: ['code_verifier=abc', 'code_challenge=abc'],
    leftAlone: ['code=abc', 'code_challenge_method=S256'],
  },
  find: (field) => (isPkce(canonicalName(field.name)) ? wholeValue(field) : []),
});

function isPkce(name: string): boolean {
  return /^code(?:challenge|verifier)$/.test(name);
}
