import { fromHarEntry } from '../har/from-har-entry.js';
import { decodeContent, header } from '../http/index.js';
import { defaultAppVersion } from '../store/recording-key.js';
import type { Recording } from '../store/recording.js';
import { bodyFields } from './body/body-fields.js';
import { expandField } from './expand.js';
import { differenceOf, pairUp, textField, type Field } from './field.js';
import { parseMediaType } from './media-type.js';
import { canonicalName } from './normalizers/index.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from './prepared-request.js';
import { isExchange, recordedRequest } from './recorded-request.js';
import { prepareField, type PreparedField } from './slot.js';

/** What differs at one place; a side that has nothing there is left out. */
export interface Change {
  where: string;
  before?: string;
  after?: string;
}

export interface ComparedExchange {
  index: number;
  method: string;
  url: string;
}

/** Two recordings of a test by what their exchanges mean: volatile values (dates, ids, tokens) are no differences. */
export interface RecordingComparison {
  same: number;
  changed: (ComparedExchange & { after: number; request: Change[]; response: Change[] })[];
  added: ComparedExchange[];
  gone: ComparedExchange[];
}

interface Side extends ComparedExchange {
  prepared: PreparedRequest;
  key: string;
  /** Method, host and path: what makes two requests the same one with other values. */
  place: string;
  answer: PreparedField[];
}

const windowSeconds = 400 * 86_400;

/** Pairs requests that are equal in meaning, in their order; then those to the same place; what is left is new or gone. */
export async function compareRecordings(before: Recording, after: Recording): Promise<RecordingComparison> {
  const context = contextOf(before, after);
  const [left, right] = [await sidesOf(before, context), await sidesOf(after, context)];
  const pairs = [...takePairs(left, right, ({ key }) => key), ...takePairs(left, right, ({ place }) => place)];
  const changed = pairs
    .sort(([a], [b]) => a.index - b.index)
    .map(([a, b]) => ({
      ...lineOf(a),
      after: b.index,
      request: changes([...a.prepared.line, ...a.prepared.body], [...b.prepared.line, ...b.prepared.body]),
      response: changes(a.answer, b.answer),
    }));
  const different = changed.filter(({ request, response }) => request.length + response.length > 0);
  return {
    same: changed.length - different.length,
    changed: different,
    added: right.map(lineOf),
    gone: left.map(lineOf),
  };
}

function contextOf(before: Recording, after: Recording): MatchContext {
  const starts = [before, after].map(({ info }) => Date.parse(info.recordedAt) / 1000);
  return {
    windows: starts.map((start) => ({ from: start - windowSeconds, to: start + windowSeconds })),
    appVersions: [before.info.appVersion, after.info.appVersion].filter((version) => version !== defaultAppVersion),
    recordedStart: (starts[0] ?? 0) * 1000,
  };
}

async function sidesOf(recording: Recording, context: MatchContext): Promise<Side[]> {
  const sides: Side[] = [];
  for (const [position, entry] of recording.entries.entries()) {
    const exchange = fromHarEntry(entry, position);
    const request = isExchange(entry) ? recordedRequest(exchange, await recording.body(exchange.body)) : undefined;
    if (request === undefined) continue;
    const prepared = prepareRequest(request, context);
    const path = prepared.line.find(({ field }) => field.where === 'path')?.template ?? request.path;
    const fields = await answerFields(recording, exchange);
    const names = new Set(fields.map(({ name }) => canonicalName(name)));
    sides.push({
      index: exchange.index,
      method: exchange.method,
      url: exchange.url,
      prepared,
      key: `${prepared.lineKey} ${prepared.bodyKey}`,
      place: `${request.method} ${request.host} ${path}`,
      answer: fields.map((field) => prepareField(field, { ...context, names })),
    });
  }
  return sides;
}

async function answerFields(
  recording: Recording,
  { response, error }: ReturnType<typeof fromHarEntry>,
): Promise<Field[]> {
  if (response === undefined) return [{ where: 'answer', name: '', value: error?.kind ?? 'none', type: 'literal' }];
  const wire = await recording.body(response.body);
  const encoding = header(response.headers, 'content-encoding');
  const body = response.decoded ? wire : (decodeContent(wire, encoding) ?? wire);
  const type = header(response.headers, 'content-type');
  const location = header(response.headers, 'location');
  return [
    { where: 'status', name: '', value: String(response.status), type: 'literal' },
    ...(type === undefined ? [] : [textField('content-type', 'content-type', type)]),
    ...(location === undefined ? [] : [textField('location', 'location', location)]),
    ...bodyFields(body, parseMediaType(type), header(response.headers, 'grpc-encoding')).flatMap((field) =>
      expandField(field),
    ),
  ];
}

/** Takes out of both lists what has the same key, the first with the first. */
function takePairs(left: Side[], right: Side[], keyOf: (side: Side) => string): [Side, Side][] {
  const waiting = new Map<string, Side[]>();
  for (const side of right) waiting.set(keyOf(side), [...(waiting.get(keyOf(side)) ?? []), side]);
  const pairs: [Side, Side][] = [];
  for (const side of left) {
    const other = waiting.get(keyOf(side))?.shift();
    if (other !== undefined) pairs.push([side, other]);
  }
  const taken = new Set(pairs.flat());
  left.splice(0, left.length, ...left.filter((side) => !taken.has(side)));
  right.splice(0, right.length, ...right.filter((side) => !taken.has(side)));
  return pairs;
}

function changes(before: readonly PreparedField[], after: readonly PreparedField[]): Change[] {
  return pairUp(before, after)
    .filter(([a, b]) => !isSame(a, b))
    .map(([a, b]) => {
      const { where, recorded, asked } = differenceOf(a?.field, b?.field);
      return {
        where,
        ...(recorded === undefined ? {} : { before: recorded }),
        ...(asked === undefined ? {} : { after: asked }),
      };
    });
}

function isSame(a: PreparedField | undefined, b: PreparedField | undefined): boolean {
  if ((a ?? b)?.optional === true) return true;
  return a !== undefined && b !== undefined && a.template === b.template && a.field.type === b.field.type;
}

function lineOf({ index, method, url }: Side): ComparedExchange {
  return { index, method, url };
}
