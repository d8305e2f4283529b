import { expect, test } from 'vitest';
import { ProxyctlError } from '../../src/errors/index.js';
import { ClientGoneError, UpstreamError } from '../../src/http/index.js';
import { isOwnFailure } from '../../src/worker/own-failure.js';

const client = { onAbort: () => () => undefined };
const goneClient = {
  onAbort: (callback: (reason: Error) => void) => {
    callback(new Error('gone'));
    return () => undefined;
  },
};
const backend = { kind: 'reset', phase: 'response', host: 'a', port: 1 } as const;

test.each([
  ['a damaged body', new ProxyctlError('PROXYCTL_RECORDING_CORRUPT', 'altered')],
  ['a store that fails', new ProxyctlError('PROXYCTL_STORE', 'away')],
  ['a key that is another', new ProxyctlError('PROXYCTL_STORE_KEY', 'another')],
  ['a request too large to be answered', new ProxyctlError('PROXYCTL_BODY_TOO_LARGE', 'large')],
  ['a bug', new TypeError('undefined is not a function')],
  ['a bug that Node gives a code', Object.assign(new TypeError('no header'), { code: 'ERR_INVALID_CHAR' })],
  ['a bug of no class of its own', new Error('This body was read before')],
])('%s is a failure of ours', (_, error) => {
  expect(isOwnFailure(error, client)).toBe(true);
});

test.each([
  ['what a backend did, live or recorded', new UpstreamError(backend, 'Recorded failure: reset')],
  ['a request that cannot be forwarded', new ProxyctlError('PROXYCTL_BAD_REQUEST', 'no host')],
  ['a miss, which is counted as one', new ProxyctlError('PROXYCTL_REPLAY_MISSED', 'not in the recording')],
  ['a client that goes away', new ClientGoneError('the client closed the connection')],
  ['a connection that is reset', Object.assign(new Error('aborted'), { code: 'ECONNRESET' })],
  ['a stream that is closed', Object.assign(new Error('closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })],
  ['a stream of HTTP/2 that is reset', Object.assign(new Error('reset'), { code: 'ERR_HTTP2_STREAM_ERROR' })],
])('%s is none of ours', (_, error) => {
  expect(isOwnFailure(error, client)).toBe(false);
});

test('what fails once the client is gone is none of ours, but for what is damaged', () => {
  expect(isOwnFailure(new Error('nobody reads'), goneClient)).toBe(false);
  expect(isOwnFailure(new ProxyctlError('PROXYCTL_RECORDING_CORRUPT', 'altered'), goneClient)).toBe(true);
});
