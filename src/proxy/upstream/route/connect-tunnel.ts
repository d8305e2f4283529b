import type { Socket } from 'node:net';
import type { UpstreamError } from '../../../http/index.js';
import { failure, failureOf, type Target } from '../failures.js';
import type { ParentProxy } from '../../../protocol/parent-proxy.js';

const maxHeadBytes = 64 * 1024;

/**
 * Asks a proxy for a tunnel to `target` (RFC 9110 §9.3.6). Resolves once it stands; what the server has said by then is
 * left in the socket. Rejects with an `UpstreamError` that names the proxy.
 */
export function openTunnel(socket: Socket, target: Target, proxy: ParentProxy): Promise<void> {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const authority = `${host}:${target.port}`;
  const authorization = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`, 'latin1');
  return new Promise((resolve, reject) => {
    let head: Buffer = Buffer.alloc(0);
    const settle = (): void => {
      socket.pause().off('data', onData).off('error', onError).off('end', onEnd).off('close', onEnd);
    };
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const onData = (data: Buffer): void => {
      head = head.length === 0 ? data : Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > maxHeadBytes) fail(answered(target, proxy, 'an answer without an end'));
        return;
      }
      const [line = ''] = head.toString('latin1', 0, end).split('\r\n');
      if (!/^HTTP\/1\.\d 2\d\d(?: |$)/.test(line)) return fail(answered(target, proxy, line));
      settle();
      const rest = head.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      resolve();
    };
    const onError = (error: Error): void => fail(failureOf(error, 'connect', proxy));
    const onEnd = (): void => fail(answered(target, proxy, 'the end of the connection'));
    socket.on('data', onData).once('error', onError).once('end', onEnd).once('close', onEnd);
  });
}

function answered(target: Target, proxy: ParentProxy, what: string): UpstreamError {
  if (/^HTTP\/1\.\d 407/.test(what)) return wantsCredentials(target, proxy);
  const detail = `the proxy ${proxy.host}:${proxy.port} answered CONNECT with ${JSON.stringify(what)}`;
  const exempt = `exempt the host with --upstream-proxy-bypass ${target.host}`;
  return failure('refused', 'connect', target, detail, {
    hint: `Check that this proxy lets connections to port ${target.port} through, or ${exempt}.`,
  });
}

/** Said by us, as a 407 that reached the client would speak of the client's own proxy, which is us. */
export function wantsCredentials(target: Target, proxy: ParentProxy): UpstreamError {
  const given = proxy.authorization === undefined ? 'there are none in --upstream-proxy' : 'it does not take ours';
  const detail = `the proxy ${proxy.host}:${proxy.port} wants credentials (407), and ${given}`;
  return failure('refused', 'connect', target, detail, {
    hint: 'Give them in the URL: --upstream-proxy http://user:password@host:port',
  });
}
