import type { Interceptor } from '../http/index.js';
import type { SessionOverrides } from '../overrides/index.js';
import type { SessionSpec } from '../protocol/session-spec.js';
import type { History } from './history.js';

/** What a session's chain is made of. */
interface ChainParts {
  /** Its options: an interceptor that an option asks for is made here. */
  spec: SessionSpec;
  history: History | undefined;
  overrides: SessionOverrides;
  /** The recorder or the replayer, by the session's mode. */
  byMode: readonly Interceptor[];
}

/**
 * The interceptors of a session, from the client to the backend. History is outside: it keeps what the client saw.
 * Mocks come next, so that what they make up or change is in the history and in no recording. The recorder is inside,
 * and keeps what the backend said; a replayer stands in its place and answers, so that what is behind it acts only on
 * what reaches a backend.
 */
export function sessionChain({ history, overrides, byMode }: ChainParts): Interceptor[] {
  return [
    ...(history === undefined ? [] : [history.interceptor]),
    overrides.mocks,
    // An option that changes messages in every mode, replay too, belongs here.
    ...byMode,
    // One that changes only what backends are sent, and what a recording does not say, belongs here.
    overrides.redirects,
  ];
}
