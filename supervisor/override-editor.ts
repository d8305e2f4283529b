import { randomBytes } from 'node:crypto';
import type { OperatedOverrides } from '../src/api/operated-stack.js';
import { ProxyctlError } from '../src/errors/index.js';
import type {
  Interception,
  Mock,
  MockRequest,
  MockView,
  Redirect,
  RedirectRequest,
  Overrides,
} from '../src/overrides/index.js';
import type { DesiredSession, DesiredState } from './desired-state.js';
import type { EventLog } from './event-log.js';
import type { Reconciler } from './reconciler/reconciler.js';

/**
 * Changes to a session's mocks, redirects and hosts to intercept: made desired, and carried out for the next request.
 */
export class OverrideEditor implements OperatedOverrides {
  constructor(
    readonly desired: DesiredState,
    readonly reconciler: Reconciler,
    readonly events: EventLog,
  ) {}

  mocks(sessionId: string): MockView[] {
    const session = this.desired.session(sessionId);
    return session.overrides.mocks.map((mock) => view(session, mock));
  }

  async addMock(sessionId: string, request: MockRequest): Promise<MockView> {
    const session = this.desired.session(sessionId);
    const mock: Mock = { id: newId('mock'), ...request };
    await this.#change(session, (overrides) => overrides.mocks.push(mock));
    this.#tell(session, 'mock', 'added', mock.id);
    return view(session, mock);
  }

  /** In its place, with its counters. */
  async changeMock(sessionId: string, id: string, request: MockRequest): Promise<MockView> {
    const session = this.desired.session(sessionId);
    const mock: Mock = { id, ...request };
    find(session, 'mock', session.overrides.mocks, id);
    await this.#change(
      session,
      (overrides) => (overrides.mocks = overrides.mocks.map((old) => (old.id === id ? mock : old))),
    );
    this.#tell(session, 'mock', 'changed', id);
    return view(session, mock);
  }

  async removeMock(sessionId: string, id: string): Promise<void> {
    const session = this.desired.session(sessionId);
    find(session, 'mock', session.overrides.mocks, id);
    await this.#change(session, (overrides) => (overrides.mocks = overrides.mocks.filter((mock) => mock.id !== id)));
    this.#tell(session, 'mock', 'removed', id);
  }

  async clearMocks(sessionId: string): Promise<number> {
    const session = this.desired.session(sessionId);
    const ids = session.overrides.mocks.map(({ id }) => id);
    await this.#change(session, (overrides) => (overrides.mocks = []));
    for (const id of ids) this.#tell(session, 'mock', 'removed', id);
    return ids.length;
  }

  redirects(sessionId: string): Redirect[] {
    return this.desired.session(sessionId).overrides.redirects;
  }

  async addRedirect(sessionId: string, request: RedirectRequest): Promise<Redirect> {
    const session = this.desired.session(sessionId);
    const redirect: Redirect = { id: newId('redirect'), ...request };
    await this.#change(session, (overrides) => overrides.redirects.push(redirect));
    this.#tell(session, 'redirect', 'added', redirect.id);
    return redirect;
  }

  async removeRedirect(sessionId: string, id: string): Promise<void> {
    const session = this.desired.session(sessionId);
    find(session, 'redirect', session.overrides.redirects, id);
    await this.#change(
      session,
      (overrides) => (overrides.redirects = overrides.redirects.filter((one) => one.id !== id)),
    );
    this.#tell(session, 'redirect', 'removed', id);
  }

  async clearRedirects(sessionId: string): Promise<number> {
    const session = this.desired.session(sessionId);
    const ids = session.overrides.redirects.map(({ id }) => id);
    await this.#change(session, (overrides) => (overrides.redirects = []));
    for (const id of ids) this.#tell(session, 'redirect', 'removed', id);
    return ids.length;
  }

  interception(sessionId: string): Interception {
    return this.desired.session(sessionId).overrides.interception;
  }

  async intercept(sessionId: string, interception: Interception): Promise<Interception> {
    const session = this.desired.session(sessionId);
    await this.#change(session, (overrides) => (overrides.interception = interception));
    this.events.add(sessionId, { type: 'interception', ...interception });
    return interception;
  }

  #change(session: DesiredSession, change: (overrides: Overrides) => unknown): Promise<void> {
    return this.reconciler.session(session, () => void change(session.overrides));
  }

  #tell(
    { spec }: DesiredSession,
    rule: 'mock' | 'redirect',
    action: 'added' | 'changed' | 'removed',
    id: string,
  ): void {
    this.events.add(spec.id, { type: 'rule', rule, action, id });
  }
}

function view({ progress }: DesiredSession, mock: Mock): MockView {
  return { ...mock, ...(progress?.mocks?.[mock.id] ?? { fitted: 0, hits: 0 }) };
}

function find(session: DesiredSession, what: string, all: readonly { id: string }[], id: string): void {
  if (all.some((one) => one.id === id)) return;
  const ids = all.map((one) => one.id).join(', ');
  throw new ProxyctlError('PROXYCTL_NOT_FOUND', `Session ${session.spec.id} has no ${what} "${id}"`, {
    hint: ids === '' ? `It has no ${what} at all.` : `It has ${ids}.`,
  });
}

function newId(kind: string): string {
  return `${kind}-${randomBytes(4).toString('hex')}`;
}
