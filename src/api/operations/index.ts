import type { Connection, Operation } from '../operation.js';
import { events, eventsOfSession } from './events.js';
import { expect, har } from './history.js';
import { link } from './link.js';
import { logs } from './logs.js';
import { interception, mocks, redirects } from './overrides.js';
import { sessions } from './sessions.js';
import { ca, shutdown, status } from './stack.js';
import { toxics } from './toxics.js';

/** All operations of the control API, by the names under which the client has them. */
export const operations = {
  status,
  /** Asks the stack to stop; resolves once it has begun to. */
  shutdown,
  ca,
  sessions,
  toxics,
  /** The access link that all connections of a session share. */
  link,
  har,
  expect,
  /** What a session answers in a backend's place, or changes; see the mock model in the OpenAPI document. */
  mocks,
  /** Requests for one host that go to another one. */
  redirects,
  /** The hosts whose TLS a session intercepts: all that are not excepted, unless `intercept` names some. */
  interception,
  events,
  eventsOfSession,
  logs,
};

interface Tree {
  readonly [name: string]: Operation | Tree;
}

/** The methods of a client for a tree of operations; without those that have none. */
export type MethodsOf<Operations> = {
  [
    Name in keyof Operations as Operations[Name] extends Operation<undefined> ? never : Name
  ]: Operations[Name] extends Operation<infer Method> ? Method : MethodsOf<Operations[Name]>;
};

/** The operations of a tree in its order. */
export function operationsOf(tree: Tree): Operation[] {
  return Object.values(tree).flatMap((branch) => (isOperation(branch) ? [branch] : operationsOf(branch)));
}

/** The client of a tree of operations. */
export function methodsOf<Operations extends Tree>(tree: Operations, connection: Connection): MethodsOf<Operations> {
  const methods = Object.entries(tree).flatMap(([name, branch]) => {
    const method = isOperation(branch) ? branch.call(connection) : methodsOf(branch, connection);
    return method === undefined ? [] : [[name, method] as const];
  });
  return Object.fromEntries(methods) as MethodsOf<Operations>;
}

function isOperation(branch: Operation | Tree): branch is Operation {
  return typeof branch.answer === 'function';
}
