import type { Redactor } from '../../har/redaction/index.js';
import { jsonBody } from '../request/body/body-fields.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { expandField, isPlain } from '../request/expand.js';
import { TextsHash, type Field } from '../request/field.js';
import { jsonParts } from './json-parts.js';
import { matchers, type Matcher } from '../request/matchers/index.js';
import { mayHoldDateParts, mergeDateParts } from '../volatile/merge-date-parts.js';
import { canonicalName, type NormalizerContext } from '../volatile/normalizers/index.js';
import { Place } from '../request/place.js';
import type { BodyParts, PreparedBodies } from './prepared-bodies.js';
import { ignoringAlso, type FieldRules, type RuleSet } from '../rules/rule-set.js';
import { prepareField, type PreparedField, type VolatileValue } from '../volatile/volatile-value.js';

/** What both sides of a comparison know alike; `names` is made for each request. */
export interface MatchContext extends Omit<NormalizerContext, 'names' | 'rules'> {
  rules?: RuleSet | undefined;
  /** Of one replay. */
  bodies?: PreparedBodies;
  /** When the recording began, in milliseconds since 1970. */
  recordedStart: number;
  /** Of a recording whose secrets were replaced: asked requests have to be redacted as it was. */
  redactor?: Redactor | undefined;
}

/** A field of a header, with the matcher that says whether it may differ. */
export interface PreparedHeader extends PreparedField {
  matcher: Matcher;
}

/** A request ready to be looked up and compared. */
export interface PreparedRequest {
  line: readonly PreparedField[];
  headers: readonly PreparedHeader[];
  /** Made when it is asked for, and again the next time: only explanations need it. */
  readonly body: readonly PreparedField[];
  /** Equal for requests that are the same but for volatile values and headers. */
  lineKey: number;
  bodyKey: number;
  /** Of line and body, in the order of the fields: the same order for equal keys. */
  volatileValues: readonly VolatileValue[];
}

export function prepareRequest(request: ComparableRequest, context: MatchContext): PreparedRequest {
  return prepareWith(context.rules?.of(request), request, context);
}

/** The same of a request whose fields at `places` may be there or not. */
export function prepareWithout(
  places: ReadonlySet<string>,
  request: ComparableRequest,
  { bodies: _, ...context }: MatchContext,
): PreparedRequest {
  return prepareWith(ignoringAlso(context.rules?.of(request), places), request, context);
}

function prepareWith(
  rules: FieldRules | undefined,
  request: ComparableRequest,
  context: MatchContext,
): PreparedRequest {
  // each part knows its own names alone, so that the key of a line is the same whether the body is known or not
  const prepared = (fields: readonly Field[]): PreparedField[] => {
    const known = withNames(context, () => fields, rules);
    return withDates(fields, context, rules).map((field) => prepareField(field, known));
  };
  const line = prepared(project(request, 'line'));
  const headers = projectHeaders(request);
  const preparedHeaders = prepared(headers.map(({ field }) => field));
  const bodyFields = (): PreparedField[] => prepared(project(request, 'body'));
  const bodyParts = (): BodyParts => {
    const byFields = rules !== undefined || mayHoldDateParts(request.body);
    const json = byFields ? undefined : jsonBody(request.body, request.mediaType);
    if (json === undefined) return partsOf(bodyFields());
    return jsonParts(
      json,
      withNames(context, () => project(request, 'body'), rules),
    );
  };
  const body = context.bodies?.of(request, rules, bodyParts) ?? bodyParts();
  return {
    line,
    headers: headers.map(({ matcher }, i) => ({ ...(preparedHeaders[i] as PreparedField), matcher })),
    get body() {
      return bodyFields();
    },
    lineKey: keyOf(line),
    bodyKey: body.key,
    volatileValues: [...volatileValuesOf(line), ...body.volatileValues],
  };
}

/** Further fields of a request, taken out of others. */
export function prepareFields(
  fields: readonly Field[],
  request: ComparableRequest,
  context: MatchContext,
): PreparedField[] {
  const known = withNames(context, () => fields, context.rules?.of(request));
  return fields.map((field) => prepareField(field, known));
}

/** The key of a request's line alone, for the index. */
export function lineKeyOf(request: ComparableRequest, context: MatchContext): number {
  const fields = project(request, 'line');
  const rules = context.rules?.of(request);
  const known = withNames(context, () => fields, rules);
  return keyOf(withDates(fields, context, rules).map((field) => prepareField(field, known)));
}

function withDates(
  fields: readonly Field[],
  { windows }: MatchContext,
  rules: FieldRules | undefined,
): readonly Field[] {
  return mergeDateParts(fields, windows, ({ where }) => rules?.effectOn(where) !== undefined);
}

function withNames(
  context: MatchContext,
  fields: () => readonly Field[],
  rules: FieldRules | undefined,
): NormalizerContext {
  const { windows, appVersions, anyHexWord } = context;
  const known = { windows, appVersions, rules, names: new FieldNames(fields) };
  return anyHexWord === true ? { ...known, anyHexWord } : known;
}

/** Canonical names of fields, made when one is asked for: hardly any value is known by its neighbours. */
class FieldNames {
  readonly #fields: () => readonly Field[];
  #names: ReadonlySet<string> | undefined;

  constructor(fields: () => readonly Field[]) {
    this.#fields = fields;
  }

  has(name: string): boolean {
    return (this.#names ??= new Set(this.#fields().map((field) => canonicalName(field.name)))).has(name);
  }
}

const matchersOf: Record<Matcher['reads'], readonly Matcher[]> = {
  line: matchers.filter(({ reads }) => reads === 'line'),
  headers: matchers.filter(({ reads }) => reads === 'headers'),
  body: matchers.filter(({ reads }) => reads === 'body'),
};

function project(request: ComparableRequest, part: Matcher['reads']): Field[] {
  const fields: Field[] = [];
  for (const { project } of matchersOf[part]) {
    for (const field of project(request)) {
      if (isPlain(field)) fields.push(field);
      else fields.push(...expandField(field));
    }
  }
  return fields;
}

function projectHeaders(request: ComparableRequest): { field: Field; matcher: Matcher }[] {
  return matchersOf.headers.flatMap((matcher) =>
    matcher
      .project(request)
      .flatMap((field) => expandField(field))
      .map((field) => ({ field, matcher })),
  );
}

function partsOf(fields: readonly PreparedField[]): BodyParts {
  return { key: keyOf(fields), volatileValues: volatileValuesOf(fields) };
}

/** In the order of the fields; what may be left out has none that count. */
export function volatileValuesOf(fields: readonly PreparedField[]): VolatileValue[] {
  const found: VolatileValue[] = [];
  for (const { volatileValues, optional } of fields)
    if (!optional && volatileValues.length > 0) found.push(...volatileValues);
  return found;
}

function keyOf(fields: readonly PreparedField[]): number {
  const hash = new TextsHash();
  for (const { field, template, optional } of fields) {
    if (optional) continue;
    hash.addPlace(Place.of(field.where));
    hash.add(field.type);
    hash.add(template);
  }
  return hash.value();
}
