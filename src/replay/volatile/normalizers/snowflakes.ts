import { canonicalName, defineNormalizer, spansOf, wholeValue } from './define-normalizer.js';
import { isIn } from '../../request/field-path.js';

const segment = /(?<=\/)\d{17,20}(?=\/|$)/g;

/** Ids of 17 to 20 decimal digits, as snowflakes are: where they are called ids, and as segments of a path. */
export const snowflakes = defineNormalizer({
  name: 'snowflakes',
  summary: 'Snowflake ids: 17 to 20 digits, called an id or a segment of a path',
  kind: 'id',
  needsLongWord: true,
  examples: {
    found: ['id=2124098853120613805', 'messageId=212409885312061380', 'order_id=2124098853120613805'],
    leftAlone: [
      'id=4111111111111111',
      'account=21240988531206138',
      'iccid=8943170112345678901',
      'amount=2124098853120613805',
    ],
  },
  find: (field) => {
    if (isIn('path', field)) return field.value.length < 18 ? [] : spansOf(field.value, segment);
    if (!/^\d{17,20}$/.test(field.value)) return [];
    return /(?<!icc|pa|bra|gr)ids?$/.test(canonicalName(field.name)) ? wholeValue(field) : [];
  },
});
