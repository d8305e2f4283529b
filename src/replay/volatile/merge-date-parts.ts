import { datesInParts, mayHoldYear, yearEndings } from './dates/date-parts.js';
import { within, type TimeWindow } from './dates/find-times.js';
import type { Field } from '../request/field.js';
import { containerOf } from '../request/field-path.js';

/** Whether a body of JSON may have a member that is a year. */
export function mayHoldDateParts(body: Buffer): boolean {
  return yearEndings.some((ending) => body.includes(`${ending}"`, 0, 'latin1'));
}

/**
 * Fields that are the year, the month and perhaps the day of one date become one field: none of them moves alone, and
 * together they are as far from today as they were. Dates outside `windows` stay as they are, as do fields that
 * `isRuled` has a rule for.
 */
export function mergeDateParts(
  fields: readonly Field[],
  windows: readonly TimeWindow[],
  isRuled: (field: Field) => boolean,
): readonly Field[] {
  if (fields.length < 2 || !mayHoldYear(fields)) return fields;
  const containers = new Map<string, Field[]>();
  for (const field of fields) {
    const container = containerOf(field);
    const { type } = field;
    if (container === undefined || type === 'literal' || type === 'bytes' || isRuled(field)) continue;
    containers.set(container, [...(containers.get(container) ?? []), field]);
  }
  const merged = new Map<Field, Field | undefined>();
  for (const [container, inside] of containers) {
    for (const { year, month, day, seconds } of datesInParts(inside)) {
      if (!within(seconds, windows) || year.type !== month.type || year.type !== (day ?? year).type) continue;
      const parts = day === undefined ? [year, month] : [year, month, day];
      const value = new Date(seconds * 1000).toISOString().slice(0, day === undefined ? 7 : 10);
      const where = `${container}{${parts.map(({ name }) => name).join(', ')}}`;
      for (const part of parts) merged.set(part, undefined);
      merged.set(year, { where, name: day === undefined ? 'month' : 'date', value, type: year.type });
    }
  }
  if (merged.size === 0) return fields;
  return fields.flatMap((field) => (merged.has(field) ? (merged.get(field) ?? []) : [field]));
}
