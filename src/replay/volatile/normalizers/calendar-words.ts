import { calendarWordsAgree, isNearYear, isWeekday } from '../dates/calendar-words.js';
import { canonicalName, defineNormalizer, wholeValue } from './define-normalizer.js';

const weekdays = new Set(['day', 'weekday', 'dow', 'dayofweek', 'dayname', 'wochentag', 'jour']);
const years = new Set(['year', 'yr', 'yyyy', 'jahr']);

/** Parameters that follow the calendar without being dates. */
export const calendarWords = defineNormalizer({
  name: 'calendar-words',
  summary: 'The day of the week and the year, where a parameter or member is called so: day=saturday, year=2026',
  kind: 'time',
  traits: { agree: calendarWordsAgree },
  names: (name) => weekdays.has(name) || years.has(name),
  examples: {
    found: ['day=saturday', 'weekday=Sat', 'year=2026'],
    leftAlone: ['day=21', 'year=1994', 'name=Saturday'],
  },
  find: (field, { windows }) => {
    const found = weekdays.has(canonicalName(field.name))
      ? isWeekday(field.value)
      : isNearYear(
          field.value,
          windows.map(({ from, to }) => (from + to) / 2),
        );
    return found ? wholeValue(field) : [];
  },
});
