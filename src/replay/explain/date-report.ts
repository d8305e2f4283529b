import {
  header,
  headerPairs,
  protobufCarrier,
  readFrames,
  trailerFlags,
  asTimestamp,
  parseProtobuf,
  type ProtoField,
  type RecordedExchange,
} from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import { memberPath } from '../request/body/json-fields.js';
import { Correlation } from '../match/correlation.js';
import { answeredAt } from '../loaded/facts.js';
import { DigestIndex } from '../match/digest-index.js';
import { parseMediaType } from '../request/media-type.js';
import { plainBody, RecordedBodies } from '../loaded/recorded-bodies.js';
import { positionsOf } from '../loaded/recorded-request.js';
import { recordedStartOf } from '../loaded/recorded-start.js';
import { answerText, isTimelessHeader } from '../respond/rewrite/response-rewriter.js';
import { FixedBodies, type Fixed } from '../respond/rewrite/fixed-bodies.js';
import { nameBefore, TextRewriter, type TextKind } from '../respond/rewrite/text-rewriter.js';
import { parseJsonText, type JsonNode } from '../request/text/json-text.js';
import { jwtPattern, parseJwt } from '../request/text/jwt.js';
import { ClockShift, type DateMode, type ExchangeTimes } from '../volatile/dates/clock-shift.js';
import { findTimes, within, type TimeWindow } from '../volatile/dates/find-times.js';
import { daySeconds } from '../volatile/dates/time-format.js';
import { isTimeless, namesTime } from '../volatile/dates/timeless-names.js';

/** A recorded time that a replay tells anew. */
interface MovedDate {
  /** The exchange's place in the recording. */
  index: number;
  /** `header date`, `json $.items[0].due`, `text 120 (datetime)`: the offset, and what it is called. */
  where: string;
  from: string;
  to: string;
  /** By how much. */
  seconds: number;
  format: string;
}

/** What could be a time, and stays as it is. */
interface LeftDate {
  index: number;
  where: string;
  value: string;
  format: string;
  why: string;
}

export interface DateReport {
  moved: MovedDate[];
  left: LeftDate[];
}

interface DateReportOptions {
  mode: DateMode;
  windowDays: number;
  /** When the replay would begin, in milliseconds since 1970. */
  startedAt: number;
}

const always: TimeWindow[] = [{ from: -Infinity, to: Infinity }];

/** What a replay that begins at `startedAt` would make of the dates in a recording's answers. */
export async function dateReport(recording: Recording, options: DateReportOptions): Promise<DateReport> {
  const report = new Report(recording, options);
  const { exchanges } = recording;
  const bodies = new RecordedBodies(recording);
  const fixed = new FixedBodies(exchanges, bodies, new DigestIndex(exchanges, bodies));
  for (const index of positionsOf(recording.exchanges)) {
    const recorded = recording.exchanges.get(index);
    if (recorded.response === undefined) continue;
    report.add(index, recorded, await recording.body(recorded.response.body), await fixed.why(index));
  }
  return report;
}

/** A text of a response: what it is called, and where it stands. */
interface Place {
  index: number;
  where: string;
  kind: TextKind;
}

class Report implements DateReport {
  readonly moved: MovedDate[] = [];
  readonly left: LeftDate[] = [];
  readonly #windowDays: number;
  readonly #windows: readonly TimeWindow[];
  readonly #clock: ClockShift;
  readonly #texts: TextRewriter;
  readonly #recordedStart: number;
  readonly #startedAt: number;
  /** Why the body that is looked at stays as it is. */
  #fixed: Fixed | undefined;
  #times: ExchangeTimes = { recordedAt: 0, answeredAt: 0, answeringAt: 0 };

  constructor(recording: Recording, { mode, windowDays, startedAt }: DateReportOptions) {
    this.#recordedStart = recordedStartOf(recording, startedAt);
    this.#startedAt = startedAt;
    this.#windowDays = windowDays;
    this.#windows = [this.#recordedStart, startedAt].map((ms) => ({
      from: ms / 1000 - windowDays * daySeconds,
      to: ms / 1000 + windowDays * daySeconds,
    }));
    this.#clock = new ClockShift(mode, this.#recordedStart, startedAt);
    const correlation = new Correlation();
    this.#texts = new TextRewriter({ correlation, clock: this.#clock, windows: this.#windows });
  }

  add(index: number, recorded: RecordedExchange, wire: Buffer, fixed: Fixed | undefined): void {
    const { response, startedAt } = recorded;
    if (response === undefined) return;
    const answered = answeredAt(recorded);
    const answeringAt = this.#startedAt + answered - this.#recordedStart;
    this.#times = { recordedAt: startedAt, answeredAt: answered, answeringAt };
    this.#clock.present(this.#times);
    for (const { name, value } of headerPairs([...response.headers, ...(response.trailers ?? [])])) {
      const lower = name.toLowerCase();
      if (isTimelessHeader(lower)) continue;
      this.#text(value, { index, where: `header ${lower}`, kind: { name: lower, exact: true } });
    }
    const data = plainBody(response, wire);
    this.#fixed = fixed;
    if (data !== undefined) this.#body(index, data, response.headers);
    this.#fixed = undefined;
  }

  #body(index: number, data: Buffer, headers: readonly string[]): void {
    const mediaType = parseMediaType(header(headers, 'content-type'));
    const { essence } = mediaType;
    const carrier = protobufCarrier(essence);
    if (carrier === 'bare') this.#proto(index, parseProtobuf(data) ?? [], 'proto ');
    if (carrier !== undefined && carrier !== 'bare') {
      for (const { flags, message } of readFrames(data, carrier, header(headers, 'grpc-encoding')) ?? [])
        if ((flags & trailerFlags) === 0) this.#proto(index, parseProtobuf(message) ?? [], 'proto ');
    }
    const text = carrier === undefined ? answerText(data, mediaType)?.text : undefined;
    if (text === undefined) return;
    const isJson = /^\s*[{[]/.test(text) || essence.includes('json');
    this.#text(text, { index, where: isJson ? 'json $' : 'text', kind: isJson ? 'json' : 'text' });
  }

  #proto(index: number, fields: readonly ProtoField[], prefix: string): void {
    const timestamp = asTimestamp(fields) !== undefined;
    for (const [i, { number, value }] of fields.entries()) {
      const where = `${prefix}${number}`;
      if (value.type === 'message') this.#proto(index, value.fields, `${where}.`);
      if (value.type === 'text') this.#text(value.value, { index, where, kind: { name: '', exact: true } });
      if (value.type !== 'varint') continue;
      const text = String(value.value);
      const name = (timestamp && i === 0) || text.length >= 13 ? 'timestamp' : '';
      this.#text(text, { index, where, kind: { name, exact: true } });
    }
  }

  #text(text: string, place: Place): void {
    const { index, where, kind } = place;
    const json = kind === 'json' ? parseJsonText(text) : undefined;
    const nameAt = (start: number): { where: string; name: string } => {
      if (json !== undefined) return leafAt(json, start, where);
      if (kind !== 'text' && kind !== 'json') return { where, name: kind.name };
      const { name } = nameBefore(text, start);
      return { where: `${where} ${start}${name === '' ? '' : ` (${name})`}`, name };
    };
    const planned = this.#fixed === undefined ? this.#texts.plan(text, kind, this.#times.recordedAt).times : [];
    for (const { time, start, exact } of planned) {
      const seconds = this.#clock.of(time, this.#times, exact);
      const to = time.format.move(time.text, seconds);
      this.moved.push({ index, where: nameAt(start).where, from: time.text, to, seconds, format: time.format.name });
    }
    for (const found of findTimes(text, always)) {
      if (planned.some(({ start, end }) => found.start < end && start < found.end)) continue;
      const { where: at, name } = nameAt(found.start);
      if (found.format.byName === true && !namesTime(name)) continue; // any number of its length looks like one
      const why = this.#whyLeft(found.moment.seconds, name);
      this.left.push({ index, where: at, value: found.text, format: found.format.name, why });
    }
    for (const { 0: token, index: at } of text.matchAll(jwtPattern)) {
      const jwt = parseJwt(token);
      if (jwt !== undefined)
        this.#text(jwt.payloadText, { index, where: `${nameAt(at).where} jwt claim`, kind: 'json' });
    }
  }

  #whyLeft(seconds: number, name: string): string {
    if (this.#fixed !== undefined) return `the body is ${this.#fixed}, so that it stays as it is`;
    if (this.#clock.mode === 'off') return 'dates stay as they are (--dates off)';
    if (isTimeless(name)) return `what is called “${name}” is no time that moves`;
    if (!within(seconds, this.#windows)) return `more than ${this.#windowDays} days from the recording (--date-window)`;
    return 'a number that nothing says is a time';
  }
}

/** The value of a JSON text that a character belongs to. */
function leafAt(node: JsonNode, at: number, where: string, name = ''): { where: string; name: string } {
  if (node.type === 'object') {
    const member = node.members.find(({ value }) => value.start <= at && at < value.end);
    if (member !== undefined) return leafAt(member.value, at, where + memberPath(member.key), member.key);
  }
  if (node.type === 'array') {
    const i = node.items.findIndex(({ start, end }) => start <= at && at < end);
    const item = node.items[i];
    if (item !== undefined) return leafAt(item, at, `${where}[${i}]`, name);
  }
  return { where, name };
}
