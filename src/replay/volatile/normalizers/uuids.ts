import { defineNormalizer, spansOf } from './define-normalizer.js';

const pattern = /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/gi;

/** UUIDs of any version (RFC 9562). One that a person made up (all digits alike) is an ordinary value. */
export const uuids = defineNormalizer({
  name: 'uuids',
  summary: 'UUIDs',
  kind: 'id',
  needsLongWord: true,
  examples: {
    found: [
      '3fa85f64-5717-4562-b3fc-2c963f66afa6',
      'ord_3FA85F64-5717-4562-B3FC-2C963F66AFA6',
      '/orders/3fa85f64-5717-4562-b3fc-2c963f66afa6/pay',
    ],
    leftAlone: ['00000000-0000-0000-0000-000000000001', '11111111-1111-4111-8111-111111111112', '3fa85f64-5717'],
  },
  find: ({ value }) =>
    value.length < 36
      ? []
      : spansOf(value, pattern).filter(({ start, end }) => new Set(value.slice(start, end).toLowerCase()).size > 7),
});
