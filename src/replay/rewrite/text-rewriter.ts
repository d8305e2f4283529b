import type { Correlation, Replacement } from '../correlation.js';
import type { ClockShift, ExchangeTimes } from '../dates/clock-shift.js';
import { findTimes, type FoundTime, type TimeWindow } from '../dates/find-times.js';
import { isTimeless, namesClockReading, namesTime } from '../dates/timeless-names.js';
import { daySeconds } from '../dates/time-format.js';
import { parseJsonText, type JsonNode } from '../text/json-text.js';
import { jwtPattern, parseJwt } from '../text/jwt.js';
import { signJwt, type JwtKey } from './jwt-signing.js';
import { merged, replaceAll } from './replace.js';

interface TextRewriterInit {
  correlation: Correlation;
  clock: ClockShift;
  windows: readonly TimeWindow[];
  jwtKeys: readonly JwtKey[];
}

/** What a text is, as far as times in it are concerned. */
export type TextKind =
  /** Each value has a name. */
  | 'json'
  /** One value with a name: a header, a member. Its times are readings of a clock when `exact`. */
  | { name: string; exact: boolean }
  /** Prose, markup, playlists. */
  | 'text';

/**
 * Tells a recorded text as it reads in this run: ids that the client makes by their new values, times moved, tokens with new
 * times in them. Only the characters of those values change.
 */
export class TextRewriter {
  readonly #init: TextRewriterInit;

  constructor(init: TextRewriterInit) {
    this.#init = init;
  }

  rewrite(text: string, kind: TextKind, times: ExchangeTimes): string {
    return replaceAll(text, this.#replacements(text, kind, times));
  }

  #replacements(text: string, kind: TextKind, times: ExchangeTimes): Replacement[] {
    const { correlation, clock } = this.#init;
    const renamed = correlation.replacements(text);
    if (clock.mode === 'off') return merged(renamed, this.#tokens(text, times));
    const json = kind === 'json' ? parseJsonText(text) : undefined;
    const moved =
      json === undefined
        ? this.#timesIn(text, kind === 'json' ? 'text' : kind, times)
        : this.#timesInJson(text, json, times);
    return merged(merged(renamed, this.#tokens(text, times)), moved);
  }

  #timesInJson(text: string, root: JsonNode, times: ExchangeTimes): Replacement[] {
    const found: Replacement[] = [];
    const visit = (node: JsonNode, name: string): void => {
      if (node.type === 'object') for (const { key, value } of node.members) visit(value, key);
      else if (node.type === 'array') for (const item of node.items) visit(item, name);
      else if (node.type !== 'literal') {
        const quotes = node.type === 'string' ? 1 : 0;
        const [start, end] = [node.start + quotes, node.end - quotes];
        const inner = this.#timesIn(text.slice(start, end), { name, exact: namesClockReading(name) }, times);
        for (const { start: from, end: to, by } of inner) found.push({ start: start + from, end: start + to, by });
      }
    };
    visit(root, '');
    return found;
  }

  #timesIn(text: string, kind: Exclude<TextKind, 'json'>, times: ExchangeTimes): Replacement[] {
    const name = kind === 'text' ? '' : kind.name;
    if (isTimeless(name)) return [];
    return findTimes(text, this.#init.windows)
      .filter(
        (time) => (kind !== 'text' || !isTimeless(markupName(text, time.start))) && isLikely(time, text, kind, times),
      )
      .map((time) => {
        const seconds = this.#init.clock.of(time, times, kind !== 'text' && kind.exact);
        return {
          start: time.start,
          end: time.end,
          by: seconds === 0 ? time.text : time.format.move(time.text, seconds),
        };
      })
      .filter(({ start, end, by }) => text.slice(start, end) !== by);
  }

  /** JSON Web Tokens: their claims are rewritten as JSON, and signed again where there is a key. */
  #tokens(text: string, times: ExchangeTimes): Replacement[] {
    if (!text.includes('.')) return [];
    return Array.from(text.matchAll(jwtPattern), ({ 0: token, index }) => ({
      start: index,
      end: index + token.length,
      by: this.#token(token, times),
    })).filter(({ start, end, by }) => text.slice(start, end) !== by);
  }

  #token(token: string, times: ExchangeTimes): string {
    const jwt = parseJwt(token);
    if (jwt === undefined) return token;
    const payload = this.rewrite(jwt.payloadText, 'json', times);
    if (payload === jwt.payloadText) return token;
    const signed = `${jwt.parts[0]}.${Buffer.from(payload).toString('base64url')}`;
    const signature = signJwt(signed, jwt.headerText, this.#init.jwtKeys);
    if (signature !== undefined) this.#init.correlation.rename(jwt.parts[2], signature);
    return `${signed}.${signature ?? jwt.parts[2]}`;
  }
}

/** What markup calls the value that begins at `start`: its attribute or element. Empty in prose. */
function markupName(text: string, start: number): string {
  const before = text.slice(Math.max(0, start - 200), start);
  return (
    /([\w:.-]+)\s*=\s*["']?$/.exec(before)?.[1] ?? /<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>\s*$/.exec(before)?.[1] ?? ''
  );
}

/**
 * Dates are written as nothing else is; a bare number may be anything. It counts as a time when it is a whole value (or parameter
 * of a URL) whose name says so, or that lies within a day of the exchange.
 */
function isLikely(time: FoundTime, text: string, kind: Exclude<TextKind, 'json'>, times: ExchangeTimes): boolean {
  if (!time.format.name.startsWith('epoch-')) return true;
  const near = Math.abs(time.moment.seconds - times.recordedAt / 1000) < daySeconds;
  const parameter = /[?&;]([\w.-]+)=$/.exec(text.slice(Math.max(0, time.start - 60), time.start))?.[1];
  if (parameter !== undefined) return near || namesTime(parameter);
  if (kind === 'text')
    return near && /["'>=]$/.test(text.slice(0, time.start)) && /^["'<&\s]/.test(text.slice(time.end));
  return time.start === 0 && time.end === text.length && (near || namesTime(kind.name));
}
