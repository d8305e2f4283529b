import type { SessionView } from '../src/api/schemas.js';
import { isLoopbackHost } from '../src/core/loopback-host.js';
import { ProxyctlError } from '../src/errors/index.js';
import { addTotals, noTotals, type NetworkTotals } from '../src/network/stage/network-totals.js';
import type { ActiveLink, Link } from '../src/network/link.js';
import type { TimelinePlayer } from '../src/network/timeline/player.js';
import type { Overrides } from '../src/overrides/index.js';
import type { SessionSpec } from '../src/protocol/session-spec.js';
import { addCounts, noCounts, type SessionCounts } from '../src/protocol/session-counts.js';
import { hasHooks, networkPartOf } from '../src/toxics/lookup.js';
import type { Toxic } from '../src/toxics/toxic.js';
import type { OwnToxic, SessionProgress, SessionProgressNotice } from '../src/protocol/worker-protocol.js';
import { ToxicRuns } from './toxic-runs.js';

/** A proxy that someone made through Toxiproxy's own API: kept and put back like our own. */
export interface ForeignProxy {
  name: string;
  listen: string;
  upstream: string;
  enabled: boolean;
  toxics: Toxic[];
}

/** `mitm`, `mitm-2`, `mitm-3`, … for the MITM processes 0, 1, 2, … */
export function workerName(index: number): string {
  return index === 0 ? 'mitm' : `mitm-${index + 1}`;
}

/** The host route of hosts that have toxics of their own. It stays as long as the session does. */
interface DesiredHostRoute {
  pattern: string;
  /** The ports of its proxy in Toxiproxy and of the listener behind that; 0: not known yet. */
  port: number;
  mitmPort: number;
}

/** The last instant that a `Date` can tell: a longer lease lasts until then. */
const lastInstantMs = 8.64e15;

const maxLostProcesses = 20;

/** A session as it should be, and how far it has come. */
export class DesiredSession {
  spec: SessionSpec;
  /** What it answers itself or sends elsewhere. */
  overrides: Overrides;
  /** In the order in which connections take them. */
  readonly hostRoutes: DesiredHostRoute[] = [];
  /** Processes that its connections went through, and that ended meanwhile. */
  readonly lostProcesses: { process: string; how: string; at: string }[] = [];
  link: ActiveLink | undefined;
  /** What sets the link, if a timeline does. */
  timeline: TimelinePlayer | undefined;
  state: SessionView['state'] = 'starting';
  /** Set when it is taken out of the children: no change may bring it back. */
  removed = false;
  error: string | undefined;
  /** Why its recording was taken, in words. */
  recordingReason: string | undefined;
  /** Why that does not hold all that its test did. */
  recordingIncomplete: string | undefined;
  /** The generation that was published under its key when it began to record, where the store told. */
  beganAfter: Promise<number | undefined> = Promise.resolve(undefined);
  /** Set while its journal is open. */
  recordingOpen: boolean;
  /** When it was opened, renewed, or passed traffic last, by `performance.now()`. */
  #usedAt = performance.now();
  #toxics: readonly Toxic[] = [];
  readonly #runs = new ToxicRuns();
  #progress: SessionProgress | undefined;
  /** What earlier runs of the MITM process counted. */
  #before: SessionCounts = noCounts();
  #now: SessionCounts = noCounts();

  #networkBefore: NetworkTotals = noTotals;
  #networkNow: NetworkTotals | undefined;

  /** `worker`: the MITM process that it is in, for good. */
  constructor(
    spec: SessionSpec,
    readonly worker: number,
  ) {
    this.spec = spec;
    const { intercept, noIntercept } = spec;
    this.overrides = { mocks: [], redirects: [], interception: { intercept, noIntercept } };
    this.recordingOpen = spec.journal !== undefined;
  }

  /**
   * How long its lease lasts on if nobody uses it until then, ms, whatever is done to the clock; an exchange under way
   * counts as use. Undefined without a lease.
   */
  get leaseLeftMs(): number | undefined {
    const { leaseSeconds } = this.spec;
    if (leaseSeconds === 0) return undefined;
    const unusedMs = this.#now.inFlight > 0 ? 0 : performance.now() - this.#usedAt;
    return leaseSeconds * 1000 - unusedMs;
  }

  /** Its lease begins anew. */
  used(): void {
    this.#usedAt = performance.now();
  }

  get toxics(): readonly Toxic[] {
    return this.#toxics;
  }

  /** One that is not among them is gone: when it comes again, it has done nothing yet. */
  set toxics(toxics: readonly Toxic[]) {
    this.#toxics = toxics;
    this.#runs.keep(toxics);
  }

  /** The toxics, each with what it has done so far, where that is told. */
  get shownToxics(): Toxic[] {
    return this.#toxics.map((toxic) => {
      const state = this.#runs.stateOf(toxic.name);
      return state === undefined ? toxic : { ...toxic, state };
    });
  }

  /** Those that act in the MITM process at present. */
  get ownToxics(): OwnToxic[] {
    return this.activeToxics.filter(hasHooks).map((toxic) => ({ toxic, run: this.#runs.of(toxic.name) }));
  }

  /** False while a toxic (`down`) has its listener closed. */
  get enabled(): boolean {
    return !this.activeToxics.some(closesListener);
  }

  /** Takes up what toxics have closed. */
  openListener(): void {
    this.toxics = this.#toxics.filter((toxic) => toxic.startsAt !== undefined || !closesListener(toxic));
  }

  /** The toxics that act at present: those that wait for their time do not. */
  get activeToxics(): Toxic[] {
    return this.#toxics.filter(({ startsAt }) => startsAt === undefined);
  }

  /** The name of its proxy in Toxiproxy. */
  get proxyName(): string {
    return this.spec.id;
  }

  routeProxyName({ pattern }: DesiredHostRoute): string {
    return `${this.spec.id}@${pattern}`;
  }

  /** The names of all its proxies in Toxiproxy: of its own and of those of its host routes. */
  get proxyNames(): string[] {
    return [this.proxyName, ...this.hostRoutes.map((route) => this.routeProxyName(route))];
  }

  /** Makes the host route of these hosts if there is none yet. */
  addHostRoute(pattern: string): void {
    if (!this.hostRoutes.some((route) => route.pattern === pattern))
      this.hostRoutes.push({ pattern, port: 0, mitmPort: 0 });
  }

  get progress(): SessionProgress | undefined {
    const toxicStates = this.#runs.states();
    if (toxicStates.length === 0) return this.#progress;
    return { nextIndex: 0, served: [], ...this.#progress, toxicStates };
  }

  took(notice: SessionProgressNotice): void {
    this.#progress ??= { nextIndex: 0, served: [] };
    this.#progress.nextIndex = notice.nextIndex;
    this.#progress.served.push(...notice.newlyServed);
    if (notice.mocks !== undefined) this.#progress.mocks = notice.mocks;
    if (notice.newlyResolved !== undefined)
      this.#progress.resolved = [...(this.#progress.resolved ?? []), ...notice.newlyResolved];
    this.#runs.took(notice.toxicStates ?? []);
    this.#now = notice.counts;
    this.#networkNow = notice.network ?? this.#networkNow;
    this.used();
  }

  counted(counts: SessionCounts, network: NetworkTotals | undefined): void {
    this.#now = counts;
    this.#networkNow = network ?? this.#networkNow;
  }

  /** A process that its connections went through is gone, and they with it. `how`: what ended it. */
  processLost(process: string, how: string): void {
    if (this.lostProcesses.length < maxLostProcesses)
      this.lostProcesses.push({ process, how, at: new Date().toISOString() });
  }

  /** The MITM process that counted is gone; what was in flight there has ended. */
  processGone(): void {
    this.#before = addCounts(this.#before, { ...this.#now, inFlight: 0 });
    this.#now = noCounts();
    this.#networkBefore = this.#network ?? noTotals;
    this.#networkNow = undefined;
  }

  /** What its connections met in its modelled network. */
  get #network(): NetworkTotals | undefined {
    if (this.#networkNow === undefined && this.#networkBefore.connections === 0) return undefined;
    const { heldMs, ...others } = addTotals(this.#networkBefore, this.#networkNow ?? noTotals);
    return { ...others, heldMs: Math.round(heldMs) };
  }

  /** When its listener closes and opens again, where that has a time. */
  #timesOfDown(): Pick<Toxic, 'startsAt' | 'endsAt'> | undefined {
    const timed = this.#toxics.filter(({ startsAt, endsAt }) => startsAt !== undefined || endsAt !== undefined);
    const down = timed.find(closesListener);
    return down && defined({ startsAt: down.startsAt, endsAt: down.endsAt });
  }

  counts(): SessionCounts {
    return addCounts(this.#before, this.#now);
  }

  view(): SessionView {
    const { spec } = this;
    const host = spec.host === '0.0.0.0' || spec.host === '::' ? '127.0.0.1' : spec.host;
    const { leaseLeftMs } = this;
    return {
      id: spec.id,
      mode: spec.mode,
      state: this.state,
      proxyUrl: `http://${userInfo(spec.proxyAuth)}${host.includes(':') ? `[${host}]` : host}:${spec.port}`,
      access: spec.proxyAuth !== undefined ? 'credentials' : isLoopbackHost(spec.host) ? 'local' : 'open',
      host: spec.host,
      port: spec.port,
      mitmPort: spec.mitmPort,
      worker: workerName(this.worker),
      createdAt: spec.createdAt,
      counters: this.counts(),
      toxics: this.shownToxics,
      enabled: this.enabled,
      ...defined({
        name: spec.name,
        redact: spec.redact,
        lease:
          leaseLeftMs === undefined
            ? undefined
            : {
                seconds: spec.leaseSeconds,
                endsAt: new Date(Math.min(Date.now() + leaseLeftMs, lastInstantMs)).toISOString(),
              },
        error: this.error,
        link: shownLink(this.link),
        timeline: this.timeline?.view(),
        down: this.#timesOfDown(),
        network: this.#network,
        testId: spec.testId,
        appVersion: spec.appVersion,
        branch: spec.branch,
        store: spec.store,
        recordingId: spec.recordingId ?? spec.recording?.recordingId,
        journal: spec.journal,
        recordingReason: this.recordingReason,
        recordingIncomplete: this.recordingIncomplete,
      }),
    };
  }
}

/** The part of a URL that holds `user:password`. */
function userInfo(credentials: string | undefined): string {
  if (credentials === undefined) return '';
  const cut = credentials.indexOf(':');
  return `${encodeURIComponent(credentials.slice(0, cut))}:${encodeURIComponent(credentials.slice(cut + 1))}@`;
}

function closesListener(toxic: Toxic): boolean {
  return networkPartOf(toxic).listener === 'closed';
}

/** All that the stack should be: the one place that holds it. */
export class DesiredState {
  readonly sessions = new Map<string, DesiredSession>();
  readonly foreignProxies = new Map<string, ForeignProxy>();

  /** The ports of all listeners of sessions. */
  *ports(): Iterable<number> {
    for (const { spec, hostRoutes } of this.sessions.values()) {
      for (const { port, mitmPort } of [spec, ...hostRoutes]) {
        if (port !== 0) yield port;
        if (mitmPort !== 0) yield mitmPort;
      }
    }
  }

  /** The MITM processes of the sessions that other machines reach. */
  *guardedWorkers(): Iterable<number> {
    for (const { spec, worker } of this.sessions.values()) if (!isLoopbackHost(spec.host)) yield worker;
  }

  /** Throws `PROXYCTL_SESSION_NOT_FOUND` with the ids that there are. */
  session(id: string): DesiredSession {
    const session = this.sessions.get(id);
    if (session !== undefined) return session;
    const ids = [...this.sessions.keys()];
    throw new ProxyctlError('PROXYCTL_SESSION_NOT_FOUND', `There is no session "${id}"`, {
      hint:
        ids.length === 0
          ? 'No session is open.'
          : `Open sessions: ${ids.slice(0, 10).join(', ')}${ids.length > 10 ? ', …' : ''}`,
    });
  }
}

/** Without what is too long to show. */
export function shownLink(link: ActiveLink | undefined): Link | undefined {
  if (link === undefined) return undefined;
  const { traces: _traces, startedAt: _startedAt, ...shown } = link;
  return shown;
}

function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
