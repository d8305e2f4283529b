import type { ExchangeTimings } from '../http/index.js';
import type { HarTimings } from './har.js';

/**
 * The phases of HAR 1.2 from the times of an exchange. `ssl` is part of `connect`; `send`, `wait` and `receive` are
 * never -1. Where the answer began before the request was over, `wait` is 0.
 */
export function harTimings(times: ExchangeTimings): HarTimings {
  const connected = times.tlsEnd ?? times.connectEnd;
  const sendStart = connected ?? times.dnsEnd ?? times.blockedUntil ?? 0;
  const sent = times.requestSent ?? times.responseStart ?? sendStart;
  const answered = times.responseStart ?? times.responseEnd ?? sent;
  return {
    blocked: times.blockedUntil === undefined ? -1 : ms(times.blockedUntil),
    dns: span(times.dnsStart, times.dnsEnd),
    connect: span(times.connectStart, connected),
    ssl: span(times.tlsStart, times.tlsEnd),
    send: ms(sent - sendStart),
    wait: ms(answered - Math.max(sent, sendStart)),
    receive: ms((times.responseEnd ?? answered) - answered),
  };
}

/** HAR's `time`: all phases that apply, without `ssl`, which is counted in `connect`. */
export function totalTime({ blocked, dns, connect, send, wait, receive }: HarTimings): number {
  return ms([blocked, dns, connect, send, wait, receive].reduce((sum, phase) => sum + Math.max(0, phase), 0));
}

/** Microseconds are as fine as the clock means it. */
export function roundTimes(times: ExchangeTimings): ExchangeTimings {
  return Object.fromEntries(Object.entries(times).map(([name, value]) => [name, round(value as number)]));
}

function span(start: number | undefined, end: number | undefined): number {
  return start === undefined || end === undefined ? -1 : ms(end - start);
}

function ms(value: number): number {
  return round(Math.max(0, value));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
