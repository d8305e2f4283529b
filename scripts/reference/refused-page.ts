import { code, page, table } from './markdown.js';
import { h2Refusals, refusals } from './refusals.js';

/** docs/reference/refused.md */
export function refusedPage(): string {
  return page(
    '# What is refused',
    'The proxy passes on what a client and a server say to each other, byte for byte where the protocol allows it. What follows it does not ' +
      `pass on. The answer has ${code('X-Proxyctl-Error')} and a JSON body with the reason (${code('error.message')}) and what to do (${code('error.hint')}).`,
    '## HTTP/1',
    `Each with ${code('PROXYCTL_BAD_REQUEST')}, and the connection is closed.`,
    table(
      ['what', 'status', 'because'],
      refusals.map(({ what, status, why }) => [what, String(status), why]),
    ),
    '## HTTP/2',
    table(
      ['what', 'answered with', 'because'],
      h2Refusals.map(({ what, result, why }) => [what, result, why]),
    ),
    '## Tunnels',
    table(
      ['what', 'status', 'because'],
      [
        ['A tunnel that is not to be intercepted, in a replay', '502', 'a replay opens no connection'],
        [
          'A tunnel to a server that cannot be reached',
          '502, or 504 for a time-out',
          `the reason has its ${code('kind')}`,
        ],
        ['TLS in which nobody says a word for 2 minutes', 'the connection is closed', 'the handshake has this limit'],
      ],
    ),
    'A client that ends its half of a connection (`shutdown(SHUT_WR)`) ahead of the answer counts as gone, as to most servers; Toxiproxy, ' +
      'which stands in front, closes both halves then. HTTP clients do not do this.',
    '## A server that does not answer',
    `Not refused, but answered by the proxy as well: ${code('502')}, or ${code('504')} for a time-out, with ${code('PROXYCTL_UPSTREAM')} or ` +
      `${code('PROXYCTL_UPSTREAM_TIMEOUT')} and the ${code('kind')} of the failure: ${['refused', 'dns', 'tls', 'timeout', 'unreachable', 'reset', 'closed', 'protocol'].map(code).join(', ')}. ` +
      'It is recorded as such, and replayed as the same. An answer that breaks off breaks off for the client, too.',
  );
}
