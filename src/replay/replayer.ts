import type { Clock } from '../core/clock.js';
import { recordedVersions, type HarEntry } from '../har/har.js';
import {
  Body,
  UpstreamError,
  urlOf,
  withRequest,
  type Exchange,
  type HttpResponse,
  type Interceptor,
  type Next,
  type RawHeaders,
  isWebSocket,
} from '../http/index.js';
import { defaultAppVersion } from '../store/recording-key.js';
import type { Recording } from '../store/recording.js';
import { Comparison } from './match/comparison.js';
import { redactorOf } from './request/incoming-request.js';
import { ResponseFingerprints } from './select/response-fingerprints.js';
import { maxHangMs, recordedResponse, recordedFailure, type Timing } from './respond/recorded-response.js';
import { awaitWrites } from './select/await-writes.js';
import type { ComparableRequest } from './request/comparable-request.js';
import { Correlation } from './match/correlation.js';
import { ClockShift, type DateMode, type ExchangeTimes } from './volatile/dates/clock-shift.js';
import { daySeconds } from './volatile/dates/time-format.js';
import type { RunTimes } from './volatile/dates/time-agreement.js';
import { dialogueBody } from './dialogue/dialogue-body.js';
import { Dialogues, type ChosenDialogue } from './dialogue/dialogues.js';
import { LiveRequest } from './dialogue/live-request.js';
import { answeredAt } from './loaded/facts.js';
import type { Difference } from './request/field.js';
import { matchesOf, type Match } from './match/matching.js';
import {
  exhaustedReport,
  missMessage,
  missReport,
  missResponse,
  type Missed,
  type MissReport,
} from './explain/miss.js';
import { missPolicy, type MissPolicy, type MissRule } from './explain/miss-policy.js';
import { NearestRequests } from './explain/nearest.js';
import { conditionalHeaders, conditionalStatuses } from './respond/partial-answer.js';
import type { MatchContext, PreparedRequest } from './match/prepared-request.js';
import { PreparedBodies } from './match/prepared-bodies.js';
import { PreparedRequests } from './match/prepared-requests.js';
import { RecordedBodies } from './loaded/recorded-bodies.js';
import { RecordedExchanges } from './loaded/recorded-exchanges.js';
import { isExchange } from './loaded/recorded-request.js';
import { recordedStartOf } from './loaded/recorded-start.js';
import { RecordedValues } from './match/recorded-values.js';
import { Renewals } from './loaded/renewals.js';
import { isReport, onlyAcknowledge } from './request/reports.js';
import { RequestIndex } from './match/request-index.js';
import { ResponseRewriter } from './respond/rewrite/response-rewriter.js';
import { echoesOf, type Echo } from './respond/rewrite/echoes.js';
import type { JwtKey } from './respond/rewrite/jwt-signing.js';
import { rulesOf, type ReplayRule } from './rules/replay-rule.js';
import { RuleSet } from './rules/rule-set.js';
import { Selection, type Exhausted } from './select/selection.js';
import { ServedExchanges } from './select/served.js';
import { TruncatedRequests } from './match/truncated-requests.js';
import { AmbiguousWords } from './match/ambiguous-words.js';
import { webSocketResponse } from './web-socket/response.js';
import { ClientMessages } from './web-socket/messages.js';
import { WriteHistory } from './select/write-history.js';

export interface ReplayOptions {
  /** Status of the response to a miss. */
  missStatus?: number;
  /** What becomes of misses, by host. */
  onMiss?: readonly MissRule[];
  /** Records what backends answered, for misses that are to be recorded. */
  recorder?: Interceptor;
  /** `recorded` keeps the recorded latencies. */
  timing?: Timing;
  /** What answers an equal request once all recorded ones are used. */
  exhausted?: Exhausted;
  /** How recorded dates are told. */
  dates?: DateMode | 'freeze';
  /** Times this many days around the recording (and around now) are taken for ones that move. */
  dateWindowDays?: number;
  /** The version of the app that runs now; the recording knows the one that it was made with. */
  appVersion?: string;
  /** Of the project: they come before what was learned, and after what was set for the recording itself. */
  rules?: readonly ReplayRule[];
  /** Keys that JSON Web Tokens with new times are signed with. */
  jwtKeys?: readonly JwtKey[];
  /** Largest request body that is compared, in bytes. */
  maxBodyBytes?: number;
  /** What `served()` gave before, to go on from there. */
  served?: readonly number[];
}

export interface ReplayerInit {
  recording: Recording;
  clock: Clock;
  /** When this replay began, in milliseconds since 1970; now, when it is not said. */
  startedAt?: number;
  options?: ReplayOptions;
}

/** Answers requests from a recording. Entries are named by their place in `recording.entries`. */
export interface Replayer {
  /** The `replay` link of the chain: answers each exchange itself and asks `next` only for misses that are to pass through. */
  readonly interceptor: Interceptor;
  /** The requests that no recorded one answered, in order. */
  misses(): MissReport[];
  /** The recorded exchanges that nobody asked for. */
  unused(): { index: number; method: string; url: string }[];
  /** The requests that backends answered instead, in order. */
  passedThrough(): PassedThrough[];
  /** The entries that answered, in order: all, or those after the first `from`. */
  served(from?: number): number[];
}

/** A request that was not in the recording, and that its backend answered. */
export interface PassedThrough extends Missed {
  /** Its exchange was recorded. */
  recorded: boolean;
}

export function createReplayer(init: ReplayerInit): Replayer {
  const replay = new Replay(init);
  return {
    interceptor: (exchange, next) => replay.answer(exchange, next),
    misses: () => [...replay.misses],
    passedThrough: () => [...replay.passedThrough],
    unused: () => replay.unused(),
    served: (from) => replay.served.order(from),
  };
}

/** Waits for a write that a recorded response followed upon are limited, in milliseconds. */
const minHoldMs = 5000;

class Replay {
  readonly misses: MissReport[] = [];
  readonly passedThrough: PassedThrough[] = [];
  readonly served: ServedExchanges;
  readonly #entries: readonly HarEntry[];
  readonly #clock: Clock;
  readonly #startedAt: number;
  /** By how much the client's clock is behind ours, where its time is frozen. */
  readonly #behindMs: number;
  readonly #options: ReplayOptions;
  readonly #bodies: RecordedBodies;
  readonly #exchanges: RecordedExchanges;
  readonly #context: MatchContext;
  readonly #requests: PreparedRequests;
  readonly #index: RequestIndex;
  readonly #values: RecordedValues;
  readonly #correlation = new Correlation();
  readonly #comparison: Comparison;
  readonly #selection: Selection;
  readonly #writes: WriteHistory;
  readonly #dialogues: Dialogues;
  readonly #rewriter: ResponseRewriter;
  readonly #onMiss: MissPolicy;
  readonly #truncated: TruncatedRequests;
  readonly #unlucky: AmbiguousWords;
  #nearest: NearestRequests | undefined;

  constructor({ recording, clock: wall, startedAt: begunAt = wall.now(), options = {} }: ReplayerInit) {
    const { entries } = recording;
    const recordedStart = recordedStartOf(recording, begunAt);
    const behindMs = options.dates === 'freeze' ? begunAt - recordedStart : 0;
    const startedAt = begunAt - behindMs;
    const clock: Clock = behindMs === 0 ? wall : { now: () => wall.now() - behindMs };
    this.#entries = entries;
    this.#clock = clock;
    this.#behindMs = behindMs;
    this.#startedAt = startedAt;
    this.#options = options;
    this.#onMiss = missPolicy(options.onMiss ?? []);
    this.#bodies = new RecordedBodies(recording);
    this.#exchanges = new RecordedExchanges(entries);
    const redactor = redactorOf(recording.info, ({ placeholder, value }) =>
      this.#correlation.restore(placeholder, value),
    );
    const context = contextOf(recording, { recordedStart, startedAt }, options);
    this.#context = { ...context, redactor, bodies: new PreparedBodies() };
    this.#requests = new PreparedRequests(this.#context);
    this.#index = new RequestIndex(entries, this.#bodies, this.#context);
    this.#values = new RecordedValues(entries, this.#bodies, this.#context);
    this.served = new ServedExchanges(entries.length, options.served);
    const shift = new ClockShift(dateModeOf(options), recordedStart, startedAt);
    const shared = { correlation: this.#correlation, clock: shift, windows: this.#context.windows };
    let serverCookies: ReadonlySet<string> | undefined;
    let renewals: Renewals | undefined;
    this.#comparison = new Comparison({
      ...shared,
      context: this.#context,
      values: this.#values,
      isServerCookie: (name) => (serverCookies ??= serverCookiesOf(entries)).has(name),
      isRenewed: (recorded, incoming) =>
        (renewals ??= new Renewals(entries)).areOne(recorded.where, recorded.value, incoming.value),
    });
    this.#truncated = new TruncatedRequests({
      ...{ entries, index: this.#index, bodies: this.#bodies, comparison: this.#comparison },
    });
    this.#unlucky = new AmbiguousWords({
      ...{ entries, bodies: this.#bodies, context: this.#context, comparison: this.#comparison, values: this.#values },
    });
    this.#writes = new WriteHistory(entries, this.#index);
    this.#selection = new Selection({
      served: this.served,
      writes: this.#writes,
      fingerprints: new ResponseFingerprints(entries, this.#bodies),
      exhausted: options.exhausted ?? 'repeat',
    });
    this.#dialogues = new Dialogues({
      ...{ entries, bodies: this.#bodies, context: this.#context, comparison: this.#comparison },
      ...{ served: this.served, startedAt, behindMs },
    });
    this.#rewriter = new ResponseRewriter({
      ...shared,
      jwtKeys: options.jwtKeys ?? [],
      asReceived: (text) => redactor?.text(text, 'text/plain') ?? text,
    });
  }

  async answer(exchange: Exchange, next: Next): Promise<HttpResponse> {
    const { request, notes } = exchange;
    const limitBytes = this.#options.maxBodyBytes ?? 64 * 1024 * 1024;
    let data: Buffer;
    let trailers: RawHeaders = [];
    if (this.#dialogues.concern(request)) {
      const live = new LiveRequest(request.body, limitBytes);
      await this.#values.ready();
      const chosen = await this.#dialogues.choose(exchange, live);
      if (chosen !== undefined) return this.#dialogue(exchange, live, chosen);
      if (live.failed !== undefined) throw live.failed;
      ({ data } = live);
    } else {
      ({ data, trailers } = await request.body.bytes(limitBytes));
    }
    const { incoming, prepared } = this.#requests.of(request, data);
    const now: RunTimes = { startedAt: this.#startedAt, requestAt: exchange.startedAt - this.#behindMs };
    const { matches, others } = await this.#matches(incoming, prepared, data, now);
    const selected = matches.length === 0 ? undefined : await this.#selection.choose(matches, others, incoming);
    if (selected === undefined) {
      const { action, forHost } = this.#onMiss(request.host, request.port);
      const report = forHost ? undefined : await this.#responseToReport(incoming, prepared);
      if (report !== undefined) return this.#repeat(report, exchange);
      if (action === 'error')
        return this.#missed(exchange, await this.#explain(exchange, incoming, prepared, now, matches));
      if (typeof action === 'number') return silentResponse(exchange, action);
      const whole = withRequest(exchange, { ...request, body: Body.of(data, trailers) });
      return this.#passThrough(whole, next, action === 'record' ? this.#options.recorder : undefined);
    }
    const { position, answeredAt, startedAt } = selected.candidate.facts;
    for (const [recorded, live] of selected.matchResult.pairs) this.#correlation.bind(recorded, live);
    notes.servedBy = 'recording';
    notes.recordedIndex = position;
    const release = this.#releasedOnAbort(position, exchange);
    try {
      const limitMs = Math.max(minHoldMs, 2 * (answeredAt - startedAt));
      if (selected.causes.length > 0) await awaitWrites(selected.causes, this.served, limitMs, exchange);
      return await (isWebSocket(request.headers) ? this.#webSocket : this.#recordedResponse).call(
        this,
        position,
        exchange,
        echoesOf(selected.matchResult.pairs),
      );
    } catch (error) {
      release();
      throw error;
    } finally {
      // what waited for this exchange goes on after its response
      if (this.served.isAwaited(position)) setImmediate(() => this.served.answered(position));
    }
  }

  /** A client that goes away asks again. It may also be we who broke off, or the client that gives up anew, as in the recording. */
  #releasedOnAbort(position: number, exchange: Exchange): () => void {
    if (this.#exchanges.get(position).error !== undefined) return () => undefined;
    return exchange.onAbort(() => this.served.release(position));
  }

  unused(): { index: number; method: string; url: string }[] {
    return this.#entries.flatMap((entry, index) => {
      const { method, url } = entry.request;
      return this.served.hasHappened(index) || !isExchange(entry) ? [] : [{ index, method, url }];
    });
  }

  /** What means the same; and what is the same but for conditions and ranges, which a response can be made of. */
  async #matches(
    incoming: ComparableRequest,
    prepared: PreparedRequest,
    data: Buffer,
    now: RunTimes,
  ): Promise<{ matches: Match[]; others: Match[] }> {
    const found = this.#index.find(prepared);
    const group = found instanceof Promise ? await found : found; // each wait that is not needed costs every request
    if (group.length === 0) {
      const truncated = await this.#truncated.matches(prepared, data, now);
      return { matches: truncated.length > 0 ? truncated : await this.#unlucky.matches(incoming, now), others: [] };
    }
    const exact = await matchesOf(group, prepared, now, this.#comparison, this.#values);
    if (exact.length === group.length || !/^(?:GET|HEAD)$/.test(incoming.method)) return { matches: exact, others: [] };
    const same = new Set(exact.map(({ candidate }) => candidate));
    const whole = group.filter((candidate) => !same.has(candidate) && !conditionalStatuses.has(candidate.facts.status));
    const others = await matchesOf(whole, prepared, now, this.#comparison, this.#values, conditionalHeaders);
    return exact.length > 0 ? { matches: exact, others } : { matches: others, others: [] };
  }

  #recordedResponse(position: number, exchange: Exchange, echoes: readonly Echo[]): Promise<HttpResponse> {
    const recorded = this.#exchanges.get(position);
    return recordedResponse(recorded, exchange, {
      bodies: this.#bodies,
      rewriter: this.#rewriter,
      timing: this.#options.timing ?? 'fast',
      echoes,
      times: () => ({
        recordedAt: recorded.startedAt,
        answeredAt: answeredAt(recorded),
        answeringAt: this.#clock.now(),
      }),
    });
  }

  async #webSocket(position: number, exchange: Exchange, echoes: readonly Echo[]): Promise<HttpResponse> {
    const recorded = this.#exchanges.get(position);
    const { response, webSocketMessages } = recorded;
    // one that was refused is a response like others
    if (response?.status !== 101 || webSocketMessages === undefined)
      return this.#recordedResponse(position, exchange, echoes);
    await this.#values.ready();
    const { host } = exchange.request;
    const messages = new ClientMessages({
      ...{ exchange, position, url: recorded.url, context: this.#context, comparison: this.#comparison },
      ...{ correlation: this.#correlation, startedAt: this.#startedAt, now: () => this.#clock.now() },
    });
    const rewritten = (data: Buffer, headers: RawHeaders, atMs: number): { data: Buffer; headers: RawHeaders } =>
      this.#rewriter.rewrite({ headers, trailers: [], data, whole: true }, [], {
        ...{ recordedAt: atMs, answeredAt: atMs, answeringAt: this.#clock.now() },
      });
    return webSocketResponse(recorded, exchange, {
      timing: this.#options.timing ?? 'fast',
      served: this.served,
      writes: await this.#writes.ofAllPorts(host),
      agrees: messages.agrees,
      asks: messages.asks,
      headers: rewritten(Buffer.alloc(0), response.headers, recorded.startedAt).headers,
      rewritten: ({ data, atMs }) => rewritten(data, [], atMs).data,
      missed: (message, expected) => this.misses.push(messages.missOf(message, expected)),
    });
  }

  /** Answers message by message; what is sent later and is not what was recorded is a miss, and ends the response. */
  #dialogue(
    exchange: Exchange,
    live: LiveRequest,
    { position, recorded, script, matchResult }: ChosenDialogue,
  ): HttpResponse {
    const { notes, request } = exchange;
    this.served.mark(position);
    this.#releasedOnAbort(position, exchange);
    setImmediate(() => this.served.answered(position));
    for (const [from, to] of matchResult.pairs) this.#correlation.bind(from, to);
    notes.servedBy = 'recording';
    notes.recordedIndex = position;
    if (recorded.error?.kind === 'aborted') notes.abortedWhenRecorded = true;
    const {
      status,
      reason,
      httpVersion,
      headers,
      trailers = [],
    } = recorded.response as NonNullable<typeof recorded.response>;
    const times = (): ExchangeTimes => ({
      recordedAt: recorded.startedAt,
      answeredAt: answeredAt(recorded),
      answeringAt: this.#clock.now(),
    });
    const rewritten = (bytes: Buffer) =>
      this.#rewriter.rewrite({ headers, trailers, data: bytes, whole: true }, request.headers, times());
    const failure = recorded.error === undefined ? undefined : recordedFailure(recorded.error, exchange);
    const body = dialogueBody({
      ...{ script, live, exchange, hangMs: maxHangMs, trailers: rewritten(Buffer.alloc(0)).trailers },
      failure: failure?.details.kind === 'aborted' ? 'hang' : failure,
      rewritten: (bytes) => rewritten(bytes).data,
      check: (frames, bytes) => {
        const now = this.#dialogues.compare(exchange, recorded, script, frames, bytes);
        if (now !== undefined && now.differences.length === 0) {
          for (const [from, to] of now.pairs) this.#correlation.bind(from, to);
          return;
        }
        const missed: Missed = { index: exchange.index, method: request.method, url: urlOf(request) };
        const entry = this.#entries[position] as HarEntry;
        const report = missReport(missed, { position, entry, differences: now?.differences ?? [] });
        this.misses.push(report);
        notes.miss = report;
        const { host, port } = request;
        throw new UpstreamError({ kind: 'protocol', phase: 'response', host, port }, missMessage(report));
      },
    });
    return { status, reason, httpVersion, headers: rewritten(Buffer.alloc(0)).headers, body };
  }

  /**
   * What a client reports of itself differs from run to run in number and content, and nobody reads the response: where all that were
   * recorded were taken alike, so is this one.
   */
  async #responseToReport(incoming: ComparableRequest, prepared: PreparedRequest): Promise<number | undefined> {
    if (!isReport(incoming)) return undefined;
    const positions = (await this.#index.sameLine(prepared)).map(({ facts }) => facts.position);
    const answers = await Promise.all(
      positions.map(async (position) => {
        const { response } = this.#exchanges.get(position);
        return { status: response?.status ?? 0, data: await this.#bodies.get(response?.body) };
      }),
    );
    return onlyAcknowledge(answers) ? positions.at(-1) : undefined;
  }

  /** Answers as the recorded exchange at `position` did. */
  #repeat(position: number, exchange: Exchange): Promise<HttpResponse> {
    this.served.mark(position);
    exchange.notes.servedBy = 'recording';
    exchange.notes.recordedIndex = position;
    return this.#recordedResponse(position, exchange, []);
  }

  #passThrough(exchange: Exchange, next: Next, recorder: Interceptor | undefined): Promise<HttpResponse> {
    const { index, request } = exchange;
    this.passedThrough.push({ index, method: request.method, url: urlOf(request), recorded: recorder !== undefined });
    return recorder === undefined ? next(exchange) : recorder(exchange, next);
  }

  #missed(exchange: Exchange, report: MissReport): HttpResponse {
    this.misses.push(report);
    exchange.notes.servedBy = 'proxy';
    exchange.notes.miss = report;
    return missResponse(report, this.#options.missStatus ?? 502, exchange.request);
  }

  async #explain(
    exchange: Exchange,
    incoming: ComparableRequest,
    prepared: PreparedRequest,
    now: RunTimes,
    matches: readonly Match[],
  ): Promise<MissReport> {
    const missed: Missed = { index: exchange.index, method: incoming.method, url: urlOf(exchange.request) };
    const last = matches.at(-1)?.candidate.facts.position;
    if (last !== undefined) return exhaustedReport(missed, last, this.#entries[last] as HarEntry, matches.length);
    this.#nearest ??= new NearestRequests(this.#entries);
    let nearest: { position: number; entry: HarEntry; differences: Difference[] } | undefined;
    for (const position of this.#nearest.candidates(incoming, (candidate) => this.served.isUsed(candidate))) {
      const recorded = await this.#index.prepared(position);
      if (recorded === undefined) continue;
      const { differences } = this.#comparison.ofAll(recorded.request, prepared, recorded.facts, now);
      if (nearest !== undefined && differences.length >= nearest.differences.length) continue;
      nearest = { position, entry: this.#entries[position] as HarEntry, differences };
    }
    return missReport(missed, nearest);
  }
}

/** For requests whose answers nobody reads. */
function silentResponse(exchange: Exchange, status: number): HttpResponse {
  exchange.notes.servedBy = 'proxy';
  const headers = status === 204 || status === 304 ? [] : ['Content-Length', '0'];
  return { status, reason: '', httpVersion: exchange.request.httpVersion, headers, body: Body.empty() };
}

/** Where the client lives at the time of the recording, nothing has to move. */
function dateModeOf({ dates = 'shift' }: ReplayOptions): DateMode {
  return dates === 'freeze' ? 'off' : dates;
}

function contextOf(
  { info }: Recording,
  { recordedStart, startedAt }: { recordedStart: number; startedAt: number },
  options: ReplayOptions,
): Omit<MatchContext, 'redactor' | 'bodies'> {
  const windowSeconds = (options.dateWindowDays ?? 400) * daySeconds;
  const around = (ms: number): { from: number; to: number } => ({
    from: ms / 1000 - windowSeconds,
    to: ms / 1000 + windowSeconds,
  });
  const versions = [...recordedVersions(info), options.appVersion].filter(
    (version): version is string => version !== undefined && version !== defaultAppVersion,
  );
  return {
    recordedStart,
    windows: [around(recordedStart), around(startedAt)],
    appVersions: [...new Set(versions)],
    rules: new RuleSet(rulesInOrder(rulesOf(info), options.rules ?? [])),
  };
}

function rulesInOrder(recorded: readonly ReplayRule[], project: readonly ReplayRule[]): ReplayRule[] {
  const isSet = ({ learned }: ReplayRule): boolean => learned === undefined;
  return [...recorded.filter(isSet), ...project, ...recorded.filter((rule) => !isSet(rule))];
}

/** Names of all cookies that a recorded response sets. */
function serverCookiesOf(entries: readonly HarEntry[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { response } of entries) {
    for (const { name, value } of response.headers) {
      if (name.toLowerCase() === 'set-cookie') names.add(value.slice(0, Math.max(0, value.indexOf('='))).trim());
    }
  }
  return names;
}
