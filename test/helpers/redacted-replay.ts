import { createRedactor, redactionOptions, type RedactionInfo } from '../../src/har/redaction/index.js';
import { Replay, type Recorded } from './replaying.js';

const salt = '0123456789abcdef0123456789abcdef';

/** A replay of these exchanges as they are published: their secrets replaced. */
export function redacted(
  exchanges: readonly Recorded[],
  options: ConstructorParameters<typeof Replay>[1] = {},
): { replay: Replay; published: string } {
  const info: RedactionInfo = { formatVersion: 2, salt, ...redactionOptions.parse({}) };
  const redactor = createRedactor(info);
  const text = (value: string): string => redactor.text(value, 'application/json');
  const once = (): Recorded[] =>
    exchanges.map((exchange) => ({
      ...exchange,
      url: redactor.url(exchange.url),
      ...(exchange.headers === undefined ? {} : { headers: redactor.headers(exchange.headers) }),
      ...(typeof exchange.body === 'string' ? { body: text(exchange.body) } : {}),
      ...(exchange.responseHeaders === undefined
        ? {}
        : { responseHeaders: redactor.headers(exchange.responseHeaders) }),
      ...(typeof exchange.answer === 'string' ? { answer: text(exchange.answer) } : {}),
    }));
  once(); // what the last exchange tells is a secret in the first
  const published = once();
  const told = { ...info, short: redactor.short };
  return {
    replay: new Replay(published, { ...options, info: { redaction: told } }),
    published: JSON.stringify(published),
  };
}
