import type { Duplex } from 'node:stream';
import { systemCode } from '../../errors/index.js';
import { refuse } from '../refuse.js';
import { badRequest } from '../request-target.js';
import { headersTimeoutMs, maxHeaderBytes } from './http-server.js';

/** Answers a client whose request the HTTP server does not take, with the reason. */
export function refuseMalformed(socket: Duplex, error: Error): void {
  const [status, message] = reasonOf(error);
  refuse(socket, badRequest(message), status);
}

function reasonOf(error: Error): [status: number, message: string] {
  const code = systemCode(error);
  if (code === 'HPE_HEADER_OVERFLOW') return [431, `The head of the request is over ${maxHeaderBytes} bytes`];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return [408, `The head of the request did not come within ${headersTimeoutMs / 1000} s`];
  return [400, `The request is not valid HTTP/1.1: ${error.message}`];
}
