import { defineNormalizer, spansOf } from './define-normalizer.js';

const pattern = /(?<=\/)\d{8}(?=\/[\w-]+\/[\w-]+\/(?:aws|goog)4_request)/g;

/**
 * The day in the scope of a SigV4 credential: `AKIA…/20261121/eu-west-1/s3/aws4_request`. The key, region and service
 * count.
 */
export const signingScopes = defineNormalizer({
  name: 'signing-scopes',
  summary: 'The day in the credential scope of AWS and Google Cloud signatures',
  kind: 'noise',
  needsLongWord: true,
  examples: {
    found: ['Credential=AKIA/20261121/eu-west-1/s3/aws4_request'],
    leftAlone: ['/logs/20261121/eu-west-1/s3', 'Credential=AKIA'],
  },
  find: ({ value }) => (value.includes('4_request') ? spansOf(value, pattern) : []),
});
