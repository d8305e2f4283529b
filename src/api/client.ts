import { openSession } from './open-session.js';
import { methodsOf, operations } from './operations/index.js';
import type { StackApi } from './stack-api.js';
import { Transport, type OtherVersion, type StackAddress } from './transport.js';

export type { EventOptions, EventStream } from './event-stream.js';
export type { LogOptions } from './operations/logs.js';
export type { EndSession } from './operations/sessions.js';
export type { OpenSession, StackApi } from './stack-api.js';
export type { StackAddress } from './transport.js';

/**
 * The control API from TypeScript: `const stack = connectStack({ url, token })`. `onOtherVersion` is told of a stack of
 * another version than this program.
 */
export function connectStack(address: StackAddress, onOtherVersion?: OtherVersion): StackApi {
  const stack: StackApi = {
    address,
    open: (request = {}) => openSession(stack, request),
    ...methodsOf(operations, { transport: new Transport(address, onOtherVersion), address }),
  };
  return stack;
}
