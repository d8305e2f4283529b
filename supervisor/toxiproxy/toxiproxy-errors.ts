import { messageOf, ProxyctlError, type ErrorCode } from '../../src/errors/index.js';
import { ToxiproxyStatusError } from './toxiproxy-transport.js';

interface Explanation {
  code: ErrorCode;
  hint?: string;
}

/** What Toxiproxy says (api.go of 2.12.0, and Go's net package) and what it means for the user. */
const explanations: [RegExp, Explanation][] = [
  [
    /address already in use|only one usage of each socket address/i,
    { code: 'PROXYCTL_PORT_IN_USE', hint: 'Choose another port, or none: then a free one is taken.' },
  ],
  [
    /permission denied|forbidden by its access permissions/i,
    { code: 'PROXYCTL_USAGE', hint: 'Ports below 1024 need privileges on most systems: choose a higher one.' },
  ],
  [
    /cannot assign requested address|no such host|invalid port|requested address is not valid/i,
    { code: 'PROXYCTL_USAGE', hint: 'The address to listen on must be one of this machine.' },
  ],
  [/^toxic not found/, { code: 'PROXYCTL_TOXIC_NOT_FOUND', hint: 'List them with: proxyctl toxic ls' }],
  [/^toxic already exists/, { code: 'PROXYCTL_TOXIC_EXISTS', hint: 'Give it another name, or remove that one first.' }],
  [/^proxy not found/, { code: 'PROXYCTL_NOT_FOUND' }],
  [/^proxy already exists/, { code: 'PROXYCTL_USAGE' }],
];

/** What went wrong while `doing` something ("adding toxic x to y"), as an error that the user can act upon. */
export function explainToxiproxyError(error: unknown, doing: string, url: string): ProxyctlError {
  if (error instanceof ToxiproxyStatusError) {
    const { code, hint } = meaningOf(error);
    return new ProxyctlError(code, `Toxiproxy refused ${doing}: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      data: { status: error.status, url },
      cause: error,
    });
  }
  const late = error instanceof Error && error.name === 'TimeoutError';
  return new ProxyctlError(
    late ? 'PROXYCTL_TIMEOUT' : 'PROXYCTL_CHILD',
    late
      ? `Toxiproxy at ${url} took too long: ${doing}`
      : `Toxiproxy at ${url} did not do it: ${doing}: ${messageOf(error)}`,
    { data: { url }, cause: error },
  );
}

function meaningOf({ status, said }: ToxiproxyStatusError): Explanation {
  const known = explanations.find(([pattern]) => pattern.test(said));
  if (known !== undefined) return known[1];
  if (status === 503) return { code: 'PROXYCTL_TIMEOUT', hint: 'A toxic that is busy holds it up: try again.' };
  return { code: status < 500 ? 'PROXYCTL_USAGE' : 'PROXYCTL_CHILD' };
}
