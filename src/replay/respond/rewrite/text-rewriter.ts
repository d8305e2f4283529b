import { createHash } from 'node:crypto';
import type { Correlation } from '../../match/correlation.js';
import type { ClockShift, ExchangeTimes } from '../../volatile/dates/clock-shift.js';
import { findTimes, type FoundTime, type TimeWindow } from '../../volatile/dates/find-times.js';
import { instantOf } from '../../volatile/dates/instant.js';
import { isTimeless, namesClockReading, namesTime } from '../../volatile/dates/timeless-names.js';
import { daySeconds } from '../../volatile/dates/time-format.js';
import { partsInArray, partsInObject, weekdaysBeside } from '../../volatile/dates/times-in-json.js';
import { parseJsonLines } from '../../request/text/json-lines.js';
import { parseJsonText, type JsonNode } from '../../request/text/json-text.js';
import { jwtPattern, parseJwt } from '../../request/text/jwt.js';
import { publicKeysIn } from '../../request/text/jwks.js';
import type { SigningKeys } from './signing-keys.js';
import { merged, replaceAll, type Replacement } from '../../request/text/replacements.js';

interface TextRewriterInit {
  correlation: Correlation;
  clock: ClockShift;
  windows: readonly TimeWindow[];
  /** What tokens are signed with; without it they keep their signatures. */
  keys?: SigningKeys;
  /** How a text will look in a request, whose secrets are replaced as those of the recording were. */
  asReceived?: (text: string) => string;
}

/** What a text is, as far as times in it are concerned. */
export type TextKind =
  /** Each value has a name. */
  | 'json'
  /** One value with a name: a header, a member. Its times are readings of a clock when `exact`. */
  | { name: string; exact: boolean }
  /** Prose, markup, playlists. */
  | 'text';

/** A time in a recorded text that is told anew, with how it was told last. */
interface PlannedTime {
  time: FoundTime;
  start: number;
  end: number;
  exact: boolean;
  shift: number;
  rewritten: string;
}

/** What is to be told anew in a recorded text, as far as the text alone says. Made once, applied to each response. */
export interface TextPlan {
  readonly times: readonly PlannedTime[];
  /** It holds what looks like JSON Web Tokens. */
  readonly tokens: boolean;
  /** Public keys of key sets, which tokens are checked with. */
  readonly keys: readonly { start: number; end: number }[];
}

/**
 * Tells a recorded text as it reads in this run: ids that the client makes by their new values, times moved, tokens
 * with new times in them. Only the characters of those values change.
 */
export class TextRewriter {
  readonly #init: TextRewriterInit;
  /** Of tokens that were written anew: what other tokens name them by, recorded and now. */
  readonly #halfHashes = new Map<string, string>();

  constructor(init: TextRewriterInit) {
    this.#init = init;
  }

  rewrite(text: string, kind: TextKind, times: ExchangeTimes): string {
    return this.apply(text, this.plan(text, kind, times.recordedAt), times);
  }

  /** `recordedAt`: when its exchange was, in milliseconds since 1970. */
  plan(text: string, kind: TextKind, recordedAt: number): TextPlan {
    const tokens = text.includes('.') && text.search(jwtPattern) !== -1;
    if (this.#init.clock.mode === 'off') return { times: [], tokens, keys: [] };
    const times = kind === 'json' ? this.#timesInDocuments(text, recordedAt) : this.#timesIn(text, kind, recordedAt);
    const others = this.#sameInstants(text, times);
    return {
      times: others.length === 0 ? times : [...times, ...others].sort((a, b) => a.start - b.start),
      ...{ tokens, keys: kind === 'json' ? keysIn(text) : [] },
    };
  }

  /**
   * Numbers that nothing calls a time, and that are the very instant which a time beside them says, in their unit.
   * `times` are in order.
   */
  #sameInstants(text: string, times: readonly PlannedTime[]): PlannedTime[] {
    if (times.length === 0) return [];
    const instants = new Set(
      times.flatMap(({ time }) => (time.moment.dateOnly ? [] : [String(time.moment.seconds), instantOf(time)])),
    );
    const found: PlannedTime[] = [];
    let next = 0;
    for (const { 0: digits, index: start } of text.matchAll(lonelyNumber)) {
      while ((times[next]?.end ?? Infinity) <= start) next += 1;
      if ((times[next]?.start ?? Infinity) <= start) continue; // it is planned already
      const [time] = findTimes(digits, this.#init.windows);
      if (time?.format.bare !== true || time.text !== digits || !instants.has(instantOf(time))) continue;
      found.push({ time, start, end: start + digits.length, exact: true, shift: 0, rewritten: digits });
    }
    return found;
  }

  /** Of a value that names a state of something: its times are those that the response tells anew elsewhere. */
  planOfTag(text: string, told: readonly TextPlan[]): TextPlan {
    const seconds = new Set(told.flatMap(({ times }) => times.map(({ time }) => time.moment.seconds)));
    const times = findTimes(text, this.#init.windows)
      .filter(({ moment }) => !moment.dateOnly && seconds.has(moment.seconds))
      .map((time) => ({ time, start: time.start, end: time.end, exact: true, shift: 0, rewritten: time.text }));
    return { times, tokens: false, keys: [] };
  }

  /** `known`: what else is to be replaced in it; it comes first. */
  apply(text: string, plan: TextPlan, times: ExchangeTimes, known: readonly Replacement[] = []): string {
    const renamed = this.#init.correlation.replacements(text);
    const moved = this.#moved(text, plan, times);
    const tokens = plan.tokens ? this.#tokens(text, times) : [];
    const keys = plan.keys.length === 0 ? [] : this.#keys(text, plan.keys);
    return replaceAll(text, merged(keys, merged(known, merged(merged(renamed, tokens), moved))));
  }

  #keys(text: string, places: TextPlan['keys']): Replacement[] {
    return places.flatMap(({ start, end }) => {
      const by = this.#init.keys?.told(text.slice(start, end));
      return by === undefined ? [] : [{ start, end, by }];
    });
  }

  /** Whether each time of an applied plan is told as it was last. Times that were told move by the same ever after. */
  isRewritten(plan: TextPlan, times: ExchangeTimes): boolean {
    return plan.times.every(({ time, exact, shift }) => this.#init.clock.of(time, times, exact) === shift);
  }

  #moved(text: string, plan: TextPlan, times: ExchangeTimes): Replacement[] {
    const found: Replacement[] = [];
    for (const planned of plan.times) {
      const { time, start, end, exact } = planned;
      const shift = this.#init.clock.of(time, times, exact);
      if (shift !== planned.shift) {
        planned.shift = shift;
        planned.rewritten = time.format.move(time.text, shift);
      }
      if (text.slice(start, end) !== planned.rewritten) found.push({ start, end, by: planned.rewritten });
    }
    return found;
  }

  /** Of JSON, or of lines of it. */
  #timesInDocuments(text: string, recordedAt: number): PlannedTime[] {
    const json = parseJsonText(text);
    if (json !== undefined) return this.#timesInJson(text, json, recordedAt);
    const lines = parseJsonLines(text, '');
    if (lines === undefined) return this.#timesIn(text, 'text', recordedAt);
    return lines.flatMap(({ node, start: at, text: line }) =>
      this.#timesInJson(line, node, recordedAt).map(({ start, end, ...rest }) => ({
        ...rest,
        ...{ start: at + start, end: at + end },
      })),
    );
  }

  #timesInJson(text: string, root: JsonNode, recordedAt: number): PlannedTime[] {
    const { windows } = this.#init;
    const found: PlannedTime[] = [];
    const add = (parts: readonly FoundTime[], exact = false): void => {
      for (const time of parts)
        found.push({
          time,
          start: time.start,
          end: time.end,
          exact,
          shift: 0,
          rewritten: text.slice(time.start, time.end),
        });
    };
    const visit = (node: JsonNode, name: string): void => {
      if (node.type === 'object') {
        const before = found.length;
        const parts = partsInObject(node, name, windows);
        add(parts);
        for (const { key, value } of node.members)
          if (!parts.some(({ start }) => start >= value.start && start < value.end)) visit(value, key);
        add(weekdaysBeside(node, found.slice(before)));
      } else if (node.type === 'array') {
        const parts = partsInArray(node, name, windows);
        add(parts, namesClockReading(name));
        if (parts.length === 0) for (const item of node.items) visit(item, name);
      } else if (node.type !== 'literal') {
        const quotes = node.type === 'string' ? 1 : 0;
        const [from, to] = [node.start + quotes, node.end - quotes];
        const inner = this.#timesIn(text.slice(from, to), { name, exact: namesClockReading(name) }, recordedAt);
        for (const planned of inner) found.push({ ...planned, start: from + planned.start, end: from + planned.end });
      }
    };
    visit(root, '');
    return found.sort((a, b) => a.start - b.start);
  }

  #timesIn(text: string, kind: Exclude<TextKind, 'json'>, recordedAt: number): PlannedTime[] {
    const name = kind === 'text' ? '' : kind.name;
    const exact = kind !== 'text' && kind.exact;
    const times = findTimes(text, this.#init.windows);
    if (times.length === 0 || isTimeless(name)) return [];
    return times
      .map((time) => ({
        time,
        called: kind === 'text' ? nameBefore(text, time.start) : { name, by: 'value' as const },
      }))
      .filter(
        ({ time, called }) => (kind !== 'text' || !isTimeless(called.name)) && isLikely(time, text, called, recordedAt),
      )
      .map(({ time, called }) => ({
        ...{ time, start: time.start, end: time.end, shift: 0, rewritten: time.text },
        exact: exact || (called.by === 'member' && namesClockReading(called.name)),
      }));
  }

  /**
   * JSON Web Tokens: their claims are rewritten as JSON, and signed again where there is a key. Those that name another
   * by its hash come after it.
   */
  #tokens(text: string, times: ExchangeTimes): Replacement[] {
    const found = Array.from(text.matchAll(jwtPattern), ({ 0: token, index }) => ({ token, index }));
    const told = new Map<string, string>();
    const namesOthers = ({ token }: { token: string }): boolean =>
      parseJwt(token)?.payloadText.includes('_hash"') === true;
    for (const { token } of [...found.filter((each) => !namesOthers(each)), ...found.filter(namesOthers)])
      told.set(token, told.get(token) ?? this.#token(token, times));
    return found
      .map(({ token, index }) => ({ start: index, end: index + token.length, by: told.get(token) ?? token }))
      .filter(({ start, end, by }) => text.slice(start, end) !== by);
  }

  #token(token: string, times: ExchangeTimes): string {
    const jwt = parseJwt(token);
    if (jwt === undefined) return token;
    const rewritten = this.rewrite(jwt.payloadText, 'json', times);
    const payload = rewritten.replace(halfHash, (whole, before: string, hash: string) => {
      const fresh = this.#halfHashes.get(hash);
      return fresh === undefined ? whole : `${before}${fresh}"`;
    });
    const { keys } = this.#init;
    const isSame = payload === jwt.payloadText;
    if (isSame && keys?.hasOtherKey(jwt) !== true) return token;
    const signed = `${jwt.parts[0]}.${isSame ? jwt.parts[1] : Buffer.from(payload).toString('base64url')}`;
    const signature = keys?.sign(jwt, signed);
    if (signature !== undefined) this.#rename(jwt.parts[2], signed, signature);
    const fresh = `${signed}.${signature ?? jwt.parts[2]}`;
    for (const name of ['sha256', 'sha384', 'sha512'])
      this.#halfHashes.set(halfHashOf(name, token), halfHashOf(name, fresh));
    return fresh;
  }

  /** The client sends back the new signature, which is a secret like the old one. */
  #rename(recorded: string, signed: string, signature: string): void {
    const { correlation, asReceived = (text: string) => text } = this.#init;
    correlation.rename(recorded, asReceived(`${signed}.${signature}`).slice(signed.length + 1));
  }
}

function keysIn(text: string): TextPlan['keys'] {
  const json = text.includes('"kty"') ? parseJsonText(text) : undefined;
  return json === undefined ? [] : publicKeysIn(json);
}

/** A number as long as epochs are, by itself. */
const lonelyNumber = /(?<![\w.-])\d{10,19}(?![\w.-])/g;

/** `at_hash`, `c_hash` and their kin (OpenID Connect Core §3.1.3.6, §3.3.2.11). */
const halfHash = /("\w{1,3}_hash"\s*:\s*")([\w-]{20,43})"/g;

/** The left half of a token's hash. */
function halfHashOf(name: string, token: string): string {
  const digest = createHash(name).update(token).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

/** What a value is called, and by what: the whole text is the value, a member of JSON, or the markup around it. */
interface Called {
  name: string;
  by: 'value' | 'member' | 'markup';
}

/**
 * What a text calls the value that begins at `start`: its attribute or element in markup; its member where JSON stands
 * in the text (events of a stream, lines, scripts). Empty in prose.
 */
export function nameBefore(text: string, start: number): Called {
  const before = text.slice(Math.max(0, start - 200), start);
  const member = /"([\w.$-]{1,80})"\s*:\s*"?$/.exec(before)?.[1];
  return member === undefined ? { name: markupName(before), by: 'markup' } : { name: member, by: 'member' };
}

function markupName(before: string): string {
  const attribute = /=\s*["']?$/.test(before) ? /([\w:.-]+)\s*=\s*["']?$/.exec(before)?.[1] : undefined;
  if (attribute !== undefined) return attribute;
  const tag = before.trimEnd();
  return tag.endsWith('>') ? (/<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>$/.exec(tag)?.[1] ?? '') : '';
}

/**
 * Dates are written as nothing else is; a bare number may be anything. It counts as a time when it is a whole value (or
 * parameter of a URL) whose name says so, or that lies within a day of the exchange.
 */
function isLikely(time: FoundTime, text: string, { name, by }: Called, recordedAt: number): boolean {
  if (time.format.bare !== true) return true;
  const before = text.slice(Math.max(0, time.start - 60), time.start);
  if (/(?:^|")\\?\/Date\($/.test(before)) return true; // of Microsoft's JSON
  if (/;VALUE=DATE:$/.test(before)) return true; // of iCalendar (RFC 5545 §3.2.20)
  const near = time.format.byName !== true && Math.abs(time.moment.seconds - recordedAt / 1000) < daySeconds;
  const parameter = /[?&;]([\w.-]+)=$/.exec(before)?.[1];
  if (parameter !== undefined) return near || namesTime(parameter);
  if (!near && !namesTime(name)) return false;
  if (by === 'member') return true;
  if (by === 'value') return time.start === 0 && time.end === text.length;
  const [last, next] = [text.slice(Math.max(0, time.start - 1), time.start), text.slice(time.end, time.end + 1)];
  if (near && /^[,;\t\n]?$/.test(last) && /^[,;\t\r\n]?$/.test(next)) return true; // a cell of a table
  return /["'>=]$/.test(last) && /^["'<&\s]/.test(next);
}
