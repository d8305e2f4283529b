import type { IncomingMessage } from 'node:http';

/** The head of a request as it came, without its offer of h2c. */
export function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method ?? 'GET'} ${url ?? '/'} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (/^(connection|upgrade|http2-settings)$/i.test(name)) continue;
    text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  return `${text}\r\n`;
}
