import { randomBytes } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import { connectStack, type StackAddress, type StackApi } from '../src/api/client.js';
import {
  createSessionRequest,
  type addToxicRequest,
  type PublishRequest,
  type PublishResult,
  type RenewRequest,
  type SessionSummary,
  type SessionView,
  type StackStatus,
  type updateToxicRequest,
} from '../src/api/schemas.js';
import { ApiServer } from '../src/api/server.js';
import type { StackController } from '../src/api/stack-controller.js';
import { proxyctlHome, type HomePaths } from '../src/config/paths.js';
import { createLogger, type LogEntry, type LogLevel } from '../src/core/logger.js';
import { ResourceScope } from '../src/core/resource-scope.js';
import { messageOf, ProxyctlError, UsageError } from '../src/errors/index.js';
import { createTimeline, type Timeline } from '../src/network/timeline/timeline.js';
import { linkProfiles, type LinkProfile } from '../src/network/profiles.js';
import { resolveLink, type Link, type setLinkRequest } from '../src/network/link.js';
import { TimelinePlayer } from '../src/network/timeline/player.js';
import type { timelineRequest, TimelineView } from '../src/network/timeline/schema.js';
import type { Har, HarEntry } from '../src/har/har.js';
import type {
  ExpectRequest,
  ExpectResult,
  Interception,
  MockRequest,
  MockView,
  Redirect,
  RedirectRequest,
} from '../src/overrides/index.js';
import type { HarFilter } from '../src/protocol/har-filter.js';
import type { EventLine } from '../src/protocol/event-line.js';
import type { Toxic } from '../src/toxics/toxic.js';
import type { ConfiguredProxy } from '../src/toxics/toxiproxy-config.js';
import { fromWire } from '../src/toxics/wire.js';
import { DesiredSession, shownLink, type DesiredState } from './desired-state.js';
import { startChildren, type Children } from './children.js';
import { Leases } from './leases.js';
import { LogStore } from './log-store.js';
import type { MitmProcess } from './mitm-process.js';
import type { ProvisionProgress } from './toxiproxy/provision/index.js';
import { Publisher } from './publisher.js';
import { newSpec } from './session-request.js';
import { StateFile } from './state-file.js';
import { Timetable } from './timetable.js';
import { OverrideEditor } from './override-editor.js';
import { ToxicEditor } from './toxic-editor.js';
import { packageVersion } from '../src/core/package-version.js';
import type { WorkerSessionSummary } from '../src/protocol/worker-protocol.js';

/** What the MITM process may take to answer once the time of an expectation is over. */
const answerMs = 20_000;

export interface StackOptions {
  home?: HomePaths;
  /** Where the config file is looked for that holds for sessions of no other project. Default: the working folder at the start. */
  folder?: string;
  /** Address of the control API and default one of proxy ports. */
  host?: string;
  /** Port of the control API; 0 (the default): any free one. */
  apiPort?: number;
  /** Web pages of these origins may use the control API (CORS). Default none. */
  apiOrigins?: readonly string[];
  /** Path of a Toxiproxy server program. */
  toxiproxy?: string;
  /** Port of Toxiproxy's own API; 0 (the default): any free one. */
  toxiproxyPort?: number;
  /** Proxies of Toxiproxy's that run beside the sessions. */
  proxies?: readonly ConfiguredProxy[];
  /** The most MITM processes that sessions are spread over; 1 (the default): all sessions are in one. */
  workers?: number;
  /** Links by name besides those that everybody has. */
  profiles?: readonly LinkProfile[];
  /** A store that sessions will use: what takes long to load for it is loaded while the children start. */
  store?: string;
  /** Writes the state file, so that other commands find this stack; refuses a second one on the same home. */
  register?: boolean;
  /** Opens a session `default` on this port (0: any). */
  defaultSessionPort?: number;
  /** Whether that session keeps a history. */
  defaultSessionHistory?: boolean;
  logLevel?: LogLevel;
  onLog?: (entry: LogEntry) => void;
  onProgress?: (progress: ProvisionProgress) => void;
  signal?: AbortSignal;
}

const defaultSession = 'default';
const leaseRanOut = 'Its lease ran out';

/** One running stack: children, desired state and control API, started in order and stopped in the reverse. */
export class Stack implements StackController, AsyncDisposable {
  /** Resolves when it was asked to stop through its API. */
  readonly shutdownRequested: Promise<void>;
  readonly #desired: DesiredState;
  readonly #scope: ResourceScope;
  readonly #children: Children;
  readonly #publisher: Publisher;
  readonly #toxics: ToxicEditor;
  readonly #overrides: OverrideEditor;
  readonly #timetable: Timetable;
  readonly #leases: Leases;
  readonly #profiles: readonly LinkProfile[];
  readonly #folder: string;
  readonly #startedAt = new Date().toISOString();
  #api: StackApi | undefined;
  #requestShutdown = (): void => undefined;
  #stopping = false;

  private constructor(
    scope: ResourceScope,
    children: Children,
    { profiles = [], folder = process.cwd() }: Pick<StackOptions, 'profiles' | 'folder'>,
  ) {
    this.#profiles = [...profiles, ...linkProfiles];
    this.#folder = folder;
    this.#scope = scope;
    this.#children = children;
    this.#desired = children.desired;
    this.#publisher = new Publisher(children);
    this.#timetable = scope.use(new Timetable(children));
    this.#leases = scope.use(
      new Leases({ logger: children.logger, end: (session) => this.#end(session, leaseRanOut) }),
    );
    this.#toxics = new ToxicEditor(children.reconciler, children.events, () => this.#timetable.plan());
    this.#overrides = new OverrideEditor(children.reconciler, children.events);
    this.shutdownRequested = new Promise((done) => (this.#requestShutdown = done));
  }

  /** Resolves once both children answer. Throws the first thing that stands in the way, and leaves nothing behind then. */
  static async start(options: StackOptions = {}): Promise<Stack> {
    const scope = new ResourceScope();
    try {
      const { home = proxyctlHome(), register = false } = options;
      const logs = scope.use(new LogStore(register ? home.logDir : undefined));
      if (options.onLog !== undefined) logs.listen(options.onLog);
      const logger = createLogger('supervisor', logs.write, options.logLevel);
      const stateFile = register
        ? await StateFile.claim(home.stateFile, packageVersion(), (path) =>
            logger.info('Cleared what a dead stack left behind', { path }),
          )
        : undefined;
      if (stateFile !== undefined) scope.use(stateFile);
      const stack = new Stack(scope, await startChildren(scope, { ...options, home, logs, logger }), options);
      for (const proxy of options.proxies ?? []) await stack.#addProxy(proxy, options.defaultSessionPort !== undefined);
      const address = await stack.#serve(options);
      await stateFile?.publish(address);
      logger.info('The stack is ready', { api: address.url });
      return stack;
    } catch (error) {
      await scope.close().catch(() => undefined);
      throw error;
    }
  }

  /** The control API, by the same client that every other program uses. */
  get api(): StackApi {
    if (this.#api === undefined) throw new Error('The stack does not serve yet');
    return this.#api;
  }

  async #serve({
    host = '127.0.0.1',
    apiPort = 0,
    apiOrigins = [],
    defaultSessionPort,
    defaultSessionHistory: history = false,
  }: StackOptions): Promise<StackAddress> {
    const token = randomBytes(24).toString('hex');
    const access = { token, allowedHosts: [host], allowedOrigins: apiOrigins };
    const { logger } = this.#children;
    const server = this.#scope.use(
      await ApiServer.start({ controller: this, access, version: packageVersion(), logger, host, port: apiPort }),
    );
    const address = { url: server.url, token };
    this.#api = connectStack(address);
    if (defaultSessionPort !== undefined) {
      await this.createSession(
        createSessionRequest.parse({ id: defaultSession, host, port: defaultSessionPort, history }),
      );
    }
    return address;
  }

  async #addProxy(proxy: ConfiguredProxy, hasDefault: boolean): Promise<void> {
    if (hasDefault && proxy.name === defaultSession)
      throw new UsageError(`A proxy of Toxiproxy cannot be called "${defaultSession}": a session is`);
    const toxics = proxy.toxics.map((toxic) =>
      fromWire({ ...toxic, name: toxic.name ?? `${toxic.type}_${toxic.stream}` }, true),
    );
    await this.#children.reconciler.addForeign({ ...proxy, toxics });
  }

  async close(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      // Recordings that nobody has decided on are kept aside; nothing that was recorded is lost with the stack.
      for (const session of [...this.#desired.sessions.values()]) {
        if (session.recordingOpen)
          await this.deleteSession(session.spec.id).catch((error: unknown) => this.#warn(session, error));
      }
    }
    await this.#scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  status(): StackStatus {
    const { home, toxiproxy, mitm, ca } = this.#children;
    const children = [{ ...toxiproxy.status(), origin: this.#children.toxiproxyOrigin }, ...mitm.status()];
    const ready = children.every(({ state }) => state === 'ready');
    return {
      pid: process.pid,
      version: packageVersion(),
      home: home.home,
      startedAt: this.#startedAt,
      url: this.api.address.url,
      state: this.#stopping ? 'stopping' : ready ? 'ready' : 'degraded',
      caPath: ca.certPath,
      children,
      sessions: this.sessions(),
    };
  }

  requestShutdown(): void {
    this.#requestShutdown();
  }

  ca(): { pem: string; path: string; fingerprint256: string } {
    const { certPem, certPath, fingerprint256 } = this.#children.ca;
    return { pem: certPem, path: certPath, fingerprint256 };
  }

  async createSession(request: z.output<typeof createSessionRequest>): Promise<SessionView> {
    const { mitm, home } = this.#children;
    const { spec, recordingReason } = await newSpec(request, {
      ...{ home, folder: this.#folder },
      taken: new Set(this.#desired.sessions.keys()),
    });
    await mitm.makeRoom();
    const session = new DesiredSession(spec, mitm.place());
    session.recordingReason = recordingReason;
    this.#desired.sessions.set(spec.id, session);
    try {
      await this.#children.reconciler.session(session);
    } catch (error) {
      this.#desired.sessions.delete(spec.id);
      await this.#children.reconciler
        .remove(session, (mitm) => mitm.call('closeSession', { id: spec.id }))
        .catch(() => undefined);
      throw portError(error, request.port ?? 0);
    }
    this.#children.events.add(spec.id, { type: 'session', action: 'created' });
    void mitm.makeRoom();
    this.#leases.watch(session);
    return session.view();
  }

  sessions(): SessionView[] {
    return [...this.#desired.sessions.values()].map((session) => session.view());
  }

  session(id: string): SessionView {
    return this.#desired.session(id).view();
  }

  async summary(id: string): Promise<SessionSummary> {
    const session = this.#desired.session(id);
    const fromWorker = await this.#children.mitm.at(session.worker)?.process.call('summary', { id });
    return summaryOf(session, fromWorker);
  }

  async deleteSession(id: string): Promise<SessionSummary> {
    return this.#end(this.#desired.session(id));
  }

  /** `reason`: why it ends, when nobody asked for that. */
  async #end(session: DesiredSession, reason?: string): Promise<SessionSummary> {
    const { id } = session.spec;
    this.#leases.forget(session);
    if (session.recordingOpen)
      await this.endRecording(id, { verdict: 'reject', reason: reason ?? 'The session ended without a verdict' });
    const fromWorker = await this.#children.reconciler.remove(session, (mitm) => mitm.call('closeSession', { id }));
    this.#desired.sessions.delete(id);
    this.#children.events.add(id, { type: 'session', action: 'removed', ...(reason === undefined ? {} : { reason }) });
    return summaryOf(session, fromWorker);
  }

  renewSession(id: string, { leaseSeconds }: RenewRequest): SessionView {
    const session = this.#desired.session(id);
    session.usedAt = Date.now();
    if (leaseSeconds !== undefined) session.spec = { ...session.spec, leaseSeconds };
    this.#leases.watch(session);
    return session.view();
  }

  endRecording(id: string, request: PublishRequest, signal?: AbortSignal): Promise<PublishResult> {
    return this.#publisher.end(this.#desired.session(id), request, signal);
  }

  async toxics(id: string): Promise<Toxic[]> {
    return this.#toxics.list(this.#desired.session(id));
  }

  addToxic(id: string, request: z.output<typeof addToxicRequest>): Promise<Toxic[]> {
    return this.#toxics.add(this.#desired.session(id), request);
  }

  updateToxic(id: string, name: string, change: z.output<typeof updateToxicRequest>): Promise<Toxic> {
    return this.#toxics.update(this.#desired.session(id), name, change);
  }

  removeToxic(id: string, name: string): Promise<void> {
    return this.#toxics.remove(this.#desired.session(id), name);
  }

  resetToxics(id: string): Promise<number> {
    return this.#toxics.reset(this.#desired.session(id));
  }

  linkProfiles(): LinkProfile[] {
    return [...this.#profiles];
  }

  async setLink(id: string, request: z.output<typeof setLinkRequest>): Promise<Link> {
    const session = this.#desired.session(id);
    const link = resolveLink(request, this.#profiles);
    const { after: afterMs = 0, for: lastsMs } = request;
    if (afterMs === 0 && lastsMs === undefined) {
      await this.#children.reconciler.session(session, () => {
        session.link = link;
        session.timeline = undefined;
      });
      this.#timetable.plan();
      this.#children.events.add(id, { type: 'link', action: 'set', link: shownLink(link) });
    } else {
      const lasts: [number, number] | undefined = lastsMs === undefined ? undefined : [lastsMs, lastsMs];
      const step = { atMs: afterMs, lastsMs: lasts, rampMs: 0, state: { kind: 'link' as const, link } };
      await this.#play(session, { name: link.profile, seed: link.seed, rounds: 1, steps: [step] });
    }
    return shownLink(link) as Link;
  }

  async playTimeline(id: string, request: z.output<typeof timelineRequest>): Promise<TimelineView> {
    const session = this.#desired.session(id);
    return this.#play(session, createTimeline(request, this.#profiles));
  }

  async #play(session: DesiredSession, timeline: Timeline): Promise<TimelineView> {
    const player = new TimelinePlayer(timeline, { startedAt: Date.now(), base: session.link });
    session.timeline = player;
    await this.#timetable.advance(session);
    return player.view();
  }

  async removeLink(id: string): Promise<void> {
    const session = this.#desired.session(id);
    await this.#children.reconciler.session(session, () => {
      session.link = undefined;
      session.timeline = undefined;
    });
    this.#timetable.plan();
    this.#children.events.add(id, { type: 'link', action: 'removed' });
  }

  har(id: string, filter: HarFilter): Promise<Har> {
    return this.#mitmOf(id).call('har', { id, filter });
  }

  async entry(id: string, index: number, mostBytes: number): Promise<HarEntry | undefined> {
    return (await this.#mitmOf(id).call('entry', { id, index, mostBytes })).entry;
  }

  expect(id: string, expectation: ExpectRequest): Promise<ExpectResult> {
    return this.#mitmOf(id).call('expect', { id, expectation }, expectation.within + answerMs);
  }

  #mitmOf(id: string): MitmProcess {
    const mitm = this.#children.mitm.at(this.#desired.session(id).worker);
    if (mitm === undefined)
      throw new ProxyctlError('PROXYCTL_CHILD', `The MITM process of session ${id} is not up`, {
        hint: 'It is being started again; try again in a moment.',
      });
    return mitm.process;
  }

  mocks(id: string): MockView[] {
    return this.#overrides.mocks(this.#desired.session(id));
  }

  addMock(id: string, request: MockRequest): Promise<MockView> {
    return this.#overrides.addMock(this.#desired.session(id), request);
  }

  changeMock(id: string, mock: string, request: MockRequest): Promise<MockView> {
    return this.#overrides.changeMock(this.#desired.session(id), mock, request);
  }

  removeMock(id: string, mock: string): Promise<void> {
    return this.#overrides.removeMock(this.#desired.session(id), mock);
  }

  clearMocks(id: string): Promise<number> {
    return this.#overrides.clearMocks(this.#desired.session(id));
  }

  redirects(id: string): Redirect[] {
    return this.#desired.session(id).overrides.redirects;
  }

  addRedirect(id: string, request: RedirectRequest): Promise<Redirect> {
    return this.#overrides.addRedirect(this.#desired.session(id), request);
  }

  removeRedirect(id: string, redirect: string): Promise<void> {
    return this.#overrides.removeRedirect(this.#desired.session(id), redirect);
  }

  clearRedirects(id: string): Promise<number> {
    return this.#overrides.clearRedirects(this.#desired.session(id));
  }

  interception(id: string): Interception {
    return this.#desired.session(id).overrides.interception;
  }

  intercept(id: string, interception: Interception): Promise<Interception> {
    return this.#overrides.intercept(this.#desired.session(id), interception);
  }

  eventsReady(): Promise<void> {
    return this.#children.events.ready();
  }

  eventsAfter(since: number): EventLine[] {
    return this.#children.events.after(since);
  }

  onEvent(listener: (line: EventLine) => void, session?: string): () => void {
    return this.#children.events.listen(listener, session);
  }

  logs(options: { source?: string; lines?: number }): LogEntry[] {
    return this.#children.logs.tail(options);
  }

  onLog(listener: (entry: LogEntry) => void): () => void {
    return this.#children.logs.listen(listener);
  }

  #warn(session: DesiredSession, error: unknown): void {
    this.#children.logger.error(`Session ${session.spec.id} did not end in order`, { error: messageOf(error) });
  }
}

function summaryOf(session: DesiredSession, fromWorker: WorkerSessionSummary | undefined): SessionSummary {
  if (fromWorker !== undefined) session.counted(fromWorker.counts, fromWorker.network);
  const {
    misses = [],
    failures = [],
    warnings = [],
    unused = [],
    passedThrough = [],
    upstreamConnections = 0,
  } = fromWorker ?? {};
  return { session: session.view(), misses, failures, warnings, unused, passedThrough, upstreamConnections };
}

function portError(error: unknown, port: number): unknown {
  if (port === 0 || !/in use|EADDRINUSE/i.test(messageOf(error))) return error;
  return new ProxyctlError('PROXYCTL_PORT_IN_USE', `Port ${port} is in use`, {
    cause: error,
    hint: 'Choose another one with --port, or leave it out for any free one.',
  });
}
