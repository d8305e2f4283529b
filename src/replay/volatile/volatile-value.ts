import { memoizeTextByOwner } from '../../core/memoize.js';
import type { Field } from '../request/field.js';
import type { FieldRules } from '../rules/rule-set.js';
import {
  hasLongWord,
  isPlainWord,
  normalizersFor,
  type NormalizerContext,
  type NormalizerTraits,
  type VolatileKind,
} from './normalizers/index.js';
import { fieldPath, isIn } from '../request/field-path.js';

/** A volatile value and its place. */
export interface VolatileValue {
  kind: VolatileKind;
  /** The normalizer that found it, and what is known of all that it finds. */
  normalizer: string;
  traits: NormalizerTraits;
  value: string;
  /** The run of letters, digits, `_` and `-` that it is a part of: `PXL_1763719200000_0042` for its first number. */
  word: string;
  field: Field;
}

/** A field with what is volatile in it taken out. */
export interface PreparedField {
  field: Field;
  /** The value with each slot replaced by a mark of its kind: equal templates, equal meaning but for the slots. */
  template: string;
  volatileValues: readonly VolatileValue[];
  /** All of it is noise, and whether it is there at all does not count. */
  optional: boolean;
  /** A rule says that it has to be equal, even where its matcher would let it differ. */
  strict?: true;
  /** A rule says that what stands there means something: it is never taken for what a client makes anew. */
  meant?: true;
}

/** Longer values are compared as they are. */
const maxLength = 256 * 1024;
const noVolatileValues: readonly VolatileValue[] = [];
const noTraits: NormalizerTraits = {};

export function prepareField(field: Field, context: NormalizerContext): PreparedField {
  const prepared = preparedField(field, context);
  return context.rules?.isMeant(field.where) === true ? { ...prepared, meant: true } : prepared;
}

function preparedField(field: Field, context: NormalizerContext): PreparedField {
  const { value, type } = field;
  const effect = context.rules?.effectOn(field.where, value);
  if (effect === 'exact')
    return { field, template: value, volatileValues: noVolatileValues, optional: false, strict: true };
  if (effect !== undefined) return volatileField(field, effect === 'ignored');
  if (type === 'literal' || type === 'bytes' || value.length > maxLength) {
    return { field, template: value, volatileValues: noVolatileValues, optional: false };
  }
  const spans = findSpans(field, context);
  if (spans.length === 0) return { field, template: value, volatileValues: noVolatileValues, optional: false };
  const [only] = spans;
  if (only !== undefined && spans.length === 1 && only.end - only.start === value.length) {
    const { kind, normalizer, traits } = only;
    const optional = kind === 'noise' && isIn('query', field);
    return {
      field,
      template: mark(kind),
      volatileValues: [{ kind, normalizer, traits, value, word: value, field }],
      optional,
    };
  }
  let template = '';
  let at = 0;
  for (const { start, end, kind } of spans) {
    template += value.slice(at, start) + mark(kind);
    at = end;
  }
  const volatileValues = spans.map(({ start, end, kind, normalizer, traits }) => ({
    kind,
    normalizer,
    traits,
    value: value.slice(start, end),
    word: wordAround(value, start, end),
    field,
  }));
  const optional = spans[0]?.kind === 'noise' && spans[0].end === value.length && isIn('query', field);
  return { field, template: template + value.slice(at), volatileValues, optional };
}

/** What a rule has taken out as a whole. */
function volatileField(field: Field, ignored: boolean): PreparedField {
  const volatileValues = ignored
    ? noVolatileValues
    : [
        {
          kind: 'volatile' as const,
          normalizer: 'rules',
          traits: noTraits,
          value: field.value,
          word: field.value,
          field,
        },
      ];
  return { field: { ...field, type: 'text' }, template: mark('volatile'), volatileValues, optional: ignored };
}

/** What stands in a template where something volatile stood. */
export function mark(kind: VolatileKind): string {
  return `\u0000${kind}\u0000`;
}

interface FoundSpan {
  start: number;
  end: number;
  kind: VolatileKind;
  normalizer: string;
  traits: NormalizerTraits;
}

/**
 * So many values of JSON members are remembered with what was found in them: bodies of one API hold the same ones again
 * and again.
 */
const maxKept = 8000;
const maxKeptLength = 64;
/** What is found depends on the windows and versions as well, which are made together, once for each replay. */
const remembered = memoizeTextByOwner<readonly FoundSpan[]>(maxKept);
/** Members that are known by their neighbours, too. */
const byNeighbours = /^(?:id|state|x?[^a-z0-9]*build[^a-z0-9]*)$/i;

const noSpans: readonly FoundSpan[] = [];

function findSpans(field: Field, context: NormalizerContext): readonly FoundSpan[] {
  const { name, value } = field;
  if (context.rules === undefined && isPlainWord(name, value, context)) return noSpans;
  if (context.rules !== undefined || value.length > maxKeptLength || !hasLongWord(value)) return search(field, context);
  if (!isIn('json', field) || byNeighbours.test(name)) return search(field, context);
  return remembered(context.windows, `${name}\u0000${value}`, () => search(field, context));
}

function search(field: Field, context: NormalizerContext): readonly FoundSpan[] {
  const { rules } = context;
  const found: FoundSpan[] = rules === undefined ? [] : volatileSegments(field, rules);
  for (const { name, kind, traits = noTraits, find } of normalizersFor(field.name)[
    hasLongWord(field.value) ? 'any' : 'wordless'
  ]) {
    if (rules?.isOff(field.where, name) === true) continue;
    for (const { start, end } of find(field, context)) {
      if (end > start && (found.length === 0 || !found.some((other) => start < other.end && other.start < end))) {
        found.push({ start, end, kind, normalizer: name, traits });
      }
    }
    const [first] = found;
    if (first?.start === 0 && first.end === field.value.length) break; // no other has room
  }
  if (found.length === 0) return noSpans;
  const [whole] = found;
  if (whole?.start === 0 && whole.end === field.value.length) return found; // there is nothing beside it
  return [...found, ...companions(field.value, found)].sort((a, b) => a.start - b.start);
}

/** Segments of a path that rules call volatile: `path[0]` is `a` in `/a/b`. */
function volatileSegments({ where, value }: Field, rules: FieldRules): FoundSpan[] {
  if (fieldPath(where).part !== 'path') return [];
  let start = 1;
  return value
    .slice(1)
    .split('/')
    .flatMap((segment, i) => {
      const span = {
        start,
        end: start + segment.length,
        kind: 'volatile' as const,
        normalizer: 'rules',
        traits: noTraits,
      };
      start = span.end + 1;
      return segment !== '' && rules.effectOn(`path[${i}]`, segment) === 'volatile' ? [span] : [];
    });
}

/** Further numbers within a generated word: the `0042` of `PXL_1763719200000_0042`. */
function companions(value: string, found: readonly FoundSpan[]): FoundSpan[] {
  const generated = found.filter(
    ({ start, end, kind }) => kind === 'id' || (kind === 'time' && /^\d{10,}$/.test(value.slice(start, end))),
  );
  return generated.flatMap(({ start, end }) => {
    const [from, to] = wordBounds(value, start, end);
    return Array.from(value.slice(from, to).matchAll(/(?<!\d)\d{2,}(?!\d)/g), (match) => ({
      start: from + match.index,
      end: from + match.index + match[0].length,
      kind: 'noise' as const,
      normalizer: 'companion',
      traits: noTraits,
    })).filter((span) => !found.some((other) => span.start < other.end && other.start < span.end));
  });
}

function wordAround(value: string, start: number, end: number): string {
  const [from, to] = wordBounds(value, start, end);
  return value.slice(from, to);
}

const wordCharacter = /[\w-]/;
/** What goes on for longer is no word, but data. */
const maxWordLength = 512;

function wordBounds(value: string, start: number, end: number): [number, number] {
  let [from, to] = [start, end];
  while (from > 0 && wordCharacter.test(value[from - 1] as string) && to - from <= maxWordLength) from -= 1;
  while (to < value.length && wordCharacter.test(value[to] as string) && to - from <= maxWordLength) to += 1;
  return to - from > maxWordLength ? [start, end] : [from, to];
}
