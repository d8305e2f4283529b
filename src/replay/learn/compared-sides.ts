import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeContent, header, type RecordedExchange } from '../../http/index.js';
import { defaultAppVersion } from '../../store/recording-key.js';
import type { Recording } from '../../store/recording.js';
import { bodyFields } from '../request/body/body-fields.js';
import type { ComparableRequest } from '../request/comparable-request.js';
import { expandField } from '../request/expand.js';
import { factsOf, type RecordedFacts } from '../loaded/facts.js';
import { textField, type Field } from '../request/field.js';
import { parseMediaType } from '../request/media-type.js';
import { canonicalName } from '../volatile/normalizers/index.js';
import { prepareRequest, type MatchContext, type PreparedRequest } from '../match/prepared-request.js';
import { positionsOf, recordedRequest } from '../loaded/recorded-request.js';
import { prepareField, type PreparedField } from '../volatile/volatile-value.js';
import { isIn } from '../request/field-path.js';

export interface ComparedExchange {
  index: number;
  method: string;
  url: string;
}

/** An exchange of one of two recordings that are compared. */
export interface Side extends ComparedExchange {
  request: ComparableRequest;
  prepared: PreparedRequest;
  key: string;
  /** Method, host and path: what makes two requests the same one with other values. */
  place: string;
  answer: PreparedField[];
  facts: RecordedFacts;
}

/** How many exchanges are read before other work has its turn. */
const sliceSize = 50;
const windowSeconds = 400 * 86_400;

/** What both are read by: dates around either are dates, and either's app version is the app's. */
export function contextOf(before: Recording, after: Recording): MatchContext {
  const starts = [before, after].map(({ info }) => Date.parse(info.recordedAt) / 1000);
  return {
    windows: starts.map((start) => ({ from: start - windowSeconds, to: start + windowSeconds })),
    appVersions: [before.info.appVersion, after.info.appVersion].filter((version) => version !== defaultAppVersion),
    recordedStart: (starts[0] ?? 0) * 1000,
  };
}

export async function sidesOf(recording: Recording, context: MatchContext): Promise<Side[]> {
  const sides: Side[] = [];
  for (const position of positionsOf(recording.exchanges)) {
    if (position % sliceSize === 0) await nextTurn();
    const exchange = recording.exchanges.get(position);
    const request = recordedRequest(exchange, await recording.body(exchange.body));
    if (request === undefined) continue;
    const prepared = prepareRequest(request, context);
    const path = prepared.line.find(({ field }) => isIn('path', field))?.template ?? request.path;
    const fields = await responseFields(recording, exchange);
    const names = new Set(fields.map(({ name }) => canonicalName(name)));
    sides.push({
      index: exchange.index,
      method: exchange.method,
      url: exchange.url,
      request,
      prepared,
      key: `${prepared.lineKey} ${prepared.bodyKey}`,
      place: `${request.method} ${request.host} ${path}`,
      facts: factsOf(exchange, position, request),
      answer: fields.map((field) => prepareField(field, { ...context, rules: undefined, names })),
    });
  }
  return sides;
}

async function responseFields(recording: Recording, { response, error }: RecordedExchange): Promise<Field[]> {
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
export function takePairs(left: Side[], right: Side[], keyOf: (side: Side) => string): [Side, Side][] {
  const waiting = new Map<string, Side[]>();
  for (const side of right) {
    const same = waiting.get(keyOf(side));
    if (same === undefined) waiting.set(keyOf(side), [side]);
    else same.push(side);
  }
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
