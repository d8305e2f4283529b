import { expect, test } from 'vitest';
import { ProxyctlError } from '../../src/errors/index.js';
import { UpstreamError, type FailureKind, type FailurePhase } from '../../src/http/index.js';
import { grpcFailureOf } from '../../src/proxy/grpc-failure.js';

const upstream = (kind: FailureKind, phase: FailurePhase) =>
  new UpstreamError({ kind, phase, host: 'api.test', port: 443 }, 'api.test:443 failed');

test.each([
  [upstream('refused', 'connect'), 14],
  [upstream('dns', 'connect'), 14],
  [upstream('timeout', 'connect'), 14],
  [upstream('timeout', 'response'), 4],
  [upstream('reset', 'response'), 14],
  [upstream('protocol', 'response'), 13],
  [new ProxyctlError('PROXYCTL_BAD_REQUEST', 'no'), 3],
  [new Error('a bug'), 13],
])('%s is status %i', (error, status) => {
  expect(grpcFailureOf(error).status).toBe(status);
});

test('the message has our code, the cause and what to do', () => {
  const cause = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
  const error = new ProxyctlError('PROXYCTL_UPSTREAM', 'api.test:443 is away', { cause, hint: 'Start it.' });
  expect(grpcFailureOf(error).message).toBe('PROXYCTL_UPSTREAM: api.test:443 is away (ECONNREFUSED). Start it.');
});
