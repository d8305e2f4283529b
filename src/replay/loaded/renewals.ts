import { headerPairs, headerValues, type RawHeaders, type RecordedExchanges } from '../../http/index.js';
import { positionsOf } from './recorded-request.js';

/**
 * Which values of a cookie or header are one session: a server that renews them with each response makes a chain, whose
 * links are as many as the client has read pages. Only what a read was given, and without being sent elsewhere, is a
 * renewal: a login changes who asks.
 */
export class Renewals {
  readonly #next = new Map<string, string>();

  constructor(exchanges: RecordedExchanges) {
    for (const position of positionsOf(exchanges)) {
      if (!/^(?:GET|HEAD)$/.test(exchanges.outline(position).method)) continue;
      const recorded = exchanges.get(position);
      const { status = 0, headers = [] } = recorded.response ?? {};
      if (status < 200 || status >= 300) continue;
      const given = credentialsGiven(headers);
      if (given.size === 0) continue;
      for (const [where, value] of credentialsSent(recorded.headers)) {
        const renewed = given.get(where);
        if (renewed !== undefined && renewed !== '' && renewed !== value) this.#join(where, value, renewed);
      }
    }
  }

  /** `where` as fields have it: `cookie sid`, `header x-auth-token`, `header authorization credentials`. */
  areOne(where: string, a: string, b: string): boolean {
    return this.#next.size > 0 && this.#last(keyOf(where, a)) === this.#last(keyOf(where, b));
  }

  #join(where: string, value: string, renewed: string): void {
    const [from, to] = [this.#last(keyOf(where, value)), this.#last(keyOf(where, renewed))];
    if (from !== to) this.#next.set(from, to);
  }

  #last(key: string): string {
    let last = key;
    for (let next = this.#next.get(last); next !== undefined; next = this.#next.get(last)) last = next;
    if (last !== key) this.#next.set(key, last); // so that a long chain is gone through once
    return last;
  }
}

/** Headers that are named alike in requests and in the responses that renew them. */
const mayRenew = /^set-cookie$|^authorization$|(?:^|-)(?:auth|access|session|csrf|xsrf)-?(?:token|id)?$/i;
const authorization = 'header authorization credentials';

function credentialsSent(headers: RawHeaders): [where: string, value: string][] {
  const cookies = headerValues(headers, 'cookie').flatMap((value) => value.split(';'));
  return [...cookies.map(cookieOf), ...tokensOf(headers)];
}

function credentialsGiven(headers: RawHeaders): Map<string, string> {
  const cookies = headerValues(headers, 'set-cookie').map((value) => value.split(';', 1)[0] ?? '');
  return new Map([...cookies.map(cookieOf), ...tokensOf(headers)]);
}

function cookieOf(pair: string): [where: string, value: string] {
  const mark = pair.indexOf('=');
  return [`cookie ${pair.slice(0, mark).trim()}`, pair.slice(mark + 1).trim()];
}

function tokensOf(headers: RawHeaders): [where: string, value: string][] {
  return headerPairs(headers)
    .filter(({ name }) => mayRenew.test(name) && name.toLowerCase() !== 'set-cookie')
    .map(({ name, value }) =>
      name.toLowerCase() === 'authorization'
        ? [authorization, value.replace(/^\S+\s+/, '')]
        : [`header ${name.toLowerCase()}`, value.trim()],
    );
}

function keyOf(where: string, value: string): string {
  return `${where}=${value}`;
}
