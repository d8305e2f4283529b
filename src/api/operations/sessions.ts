import { z } from 'zod';
import { operation } from '../operation.js';
import {
  createSessionRequest,
  endedSession,
  publishRequest,
  publishResult,
  renewRequest,
  sessionSummary,
  sessionView,
  type EndedSession,
  type PublishRequest,
  type PublishResult,
  type SessionSummary,
  type SessionView,
} from '../schemas.js';

/** Lines of logs that come with the end of a session, at the most. */
const mostLogLines = 5000;
/** A large recording may go over a slow line. */
const publishingLimitMs = 3_600_000;

const flag = (description: string) => z.enum(['true', 'false']).default('false').meta({ description });

/** Ends a session; `and`: what else the response is to hold. */
export interface EndSession {
  (id: string): Promise<SessionSummary>;
  (id: string, and: { har?: boolean; logs?: boolean }): Promise<EndedSession>;
}

export const sessions = {
  create: operation({
    id: 'createSession',
    method: 'post',
    path: '/v1/sessions',
    tag: 'sessions',
    summary: 'Open a session: a proxy port of its own',
    body: createSessionRequest,
    response: sessionView,
    says: 'The session',
    status: 201,
    run: (stack, { body }) => stack.sessions.create(body),
  }),
  list: operation({
    id: 'listSessions',
    method: 'get',
    path: '/v1/sessions',
    tag: 'sessions',
    summary: 'All sessions',
    response: z.array(sessionView),
    says: 'Sessions',
    run: (stack) => stack.sessions.list(),
  }),
  get: operation({
    id: 'getSession',
    method: 'get',
    path: '/v1/sessions/{id}',
    tag: 'sessions',
    summary: 'One session',
    response: sessionView,
    says: 'The session',
    run: (stack, { params }) => stack.sessions.get(params.id),
  }),
  summary: operation({
    id: 'getSummary',
    method: 'get',
    path: '/v1/sessions/{id}/summary',
    tag: 'sessions',
    summary: 'What a session has done: misses, failures, unused recorded exchanges',
    response: sessionSummary,
    says: 'Summary',
    run: (stack, { params }) => stack.sessions.summary(params.id),
  }),
  /** Begins its lease anew, with another length if one is given. */
  renew: operation(
    {
      id: 'renewSession',
      method: 'post',
      path: '/v1/sessions/{id}/renew',
      tag: 'sessions',
      summary: 'Begin the lease of a session anew',
      body: renewRequest,
      response: sessionView,
      says: 'The session',
      run: (stack, { params, body }) => stack.sessions.renew(params.id, body),
    },
    (send) =>
      (id: string, leaseSeconds?: number): Promise<SessionView> =>
        send({ params: { id }, body: leaseSeconds === undefined ? {} : { leaseSeconds } }),
  ),
  /** Ends a session. An open recording of it is kept aside as rejected. `and`: what else the response is to hold. */
  delete: operation(
    {
      id: 'deleteSession',
      method: 'delete',
      path: '/v1/sessions/{id}',
      tag: 'sessions',
      summary: 'End a session; a recording that was not published is kept aside as rejected',
      query: {
        har: flag('With what it has seen, as HAR 1.2: of sessions with a history'),
        logs: flag('With the newest of what the stack logged since it was opened'),
      },
      response: endedSession,
      says: 'What it did',
      async run(stack, { params: { id }, query }) {
        const { createdAt } = stack.sessions.get(id);
        // First of all, so that a session without a history is not ended before that is said.
        const har = query.har === 'true' ? await stack.history.har(id, { since: 0 }) : undefined;
        const ended: EndedSession = await stack.sessions.end(id);
        if (har !== undefined) ended.har = har;
        if (query.logs === 'true')
          ended.logs = stack.logs.tail({ lines: mostLogLines }).filter(({ time }) => time >= createdAt);
        return ended;
      },
    },
    (send): EndSession =>
      (id: string, { har = false, logs = false }: { har?: boolean; logs?: boolean } = {}) =>
        send({ params: { id }, query: { har, logs } }),
  ),
  /**
   * Closes a recording: waits for exchanges under way (for a limited time), then publishes it or keeps it aside.
   * `signal` ends the publishing: what was recorded is left on the stack's machine for `recordings push`.
   */
  endRecording: operation(
    {
      id: 'endRecording',
      method: 'post',
      path: '/v1/sessions/{id}/recording',
      tag: 'sessions',
      summary: 'Close a recording: publish it, or keep it aside as rejected',
      body: publishRequest,
      response: publishResult,
      says: 'What became of it',
      run: (stack, { params, body, signal }) => stack.publisher.end(params.id, body, signal),
    },
    (send) =>
      (id: string, request: PublishRequest, signal?: AbortSignal): Promise<PublishResult> =>
        send({ params: { id }, body: request }, { limitMs: publishingLimitMs, signal }),
  ),
};
