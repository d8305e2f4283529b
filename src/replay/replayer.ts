import {
  Body,
  isWebSocket,
  urlOf,
  withRequest,
  type Exchange,
  type HttpRequest,
  type HttpResponse,
  type Interceptor,
  type Next,
} from '../http/index.js';
import { recordedVersions } from '../har/har.js';
import type { Recording } from '../store/recording.js';
import { defaultAppVersion } from '../store/recording-key.js';
import { DialogueResponder } from './dialogue/dialogue-responder.js';
import { causeReport, missResponse, type MissReport } from './explain/miss.js';
import { MissExplainer } from './explain/miss-explainer.js';
import { missPolicy, type MissPolicy } from './explain/miss-policy.js';
import { RecordedBodies } from './loaded/recorded-bodies.js';
import { positionsOf } from './loaded/recorded-request.js';
import { RunClock } from './loaded/run-clock.js';
import { Correlation } from './match/correlation.js';
import { DigestIndex } from './match/digest-index.js';
import type { Match } from './match/matching.js';
import type { MatchContext } from './match/prepared-request.js';
import { PreparedBodies } from './match/prepared-bodies.js';
import { PreparedRequests, type Incoming } from './match/prepared-requests.js';
import { RequestMatcher, type Matches } from './match/request-matcher.js';
import type { AddedFields, PassedThrough, Replayer, ReplayerInit, ReplayOptions } from './contract.js';
import { redactionOf, redactorOf } from './request/incoming-request.js';
import { Responder } from './respond/responder.js';
import { ClientSecrets } from './respond/rewrite/client-secrets.js';
import { echoesOf } from './respond/rewrite/echoes.js';
import { FixedBodies } from './respond/rewrite/fixed-bodies.js';
import { Uploads } from './respond/uploads.js';
import { ResponseRewriter } from './respond/rewrite/response-rewriter.js';
import { ShortSecrets } from './respond/rewrite/short-secrets.js';
import { SigningKeys } from './respond/rewrite/signing-keys.js';
import { runContext } from './run-context.js';
import { Causes } from './select/causes.js';
import { acknowledgedReport } from './select/acknowledged-report.js';
import { Interchange } from './select/interchange.js';
import { awaitWrites } from './select/await-writes.js';
import { releaseOnAbort } from './select/release-on-abort.js';
import { ResponseFingerprints } from './match/response-fingerprints.js';
import { Selection, type Selected } from './select/selection.js';
import { ServedExchanges } from './select/served.js';
import { WriteHistory } from './select/write-history.js';
import { WriteValues } from './select/write-values.js';
import { ClockShift } from './volatile/dates/clock-shift.js';
import type { RunTimes } from './volatile/dates/time-agreement.js';
import { WebSocketResponder } from './web-socket/web-socket-responder.js';

export function createReplayer(init: ReplayerInit): Replayer {
  const replay = new Replay(init);
  return {
    interceptor: (exchange, next) => replay.answer(exchange, next),
    misses: () => [...replay.misses],
    passedThrough: () => [...replay.passedThrough],
    addedFields: () => [...replay.addedFields],
    unused: () => replay.unused(),
    served: (from) => replay.served.order(from),
  };
}

/** So long a response waits for a write that it followed upon, in milliseconds; longer where it waited longer … */
const minHoldMs = 5000;
/** … and so long if it holds what that write brought. */
const maxHoldMs = 60_000;
const maxBodyBytes = 64 * 1024 * 1024;

/** What was found for a request, and in what form it was; `added`: what it has that no recorded one has. */
type Found = Matches & { incoming: Incoming; added?: readonly string[] };

/** Whether what the app has added to its requests since they were recorded may be there. */
function allowsNewFields({ info }: Recording, { newFields, appVersion }: ReplayOptions): boolean {
  if (newFields !== undefined) return newFields === 'allow';
  return appVersion !== undefined && appVersion !== defaultAppVersion && !recordedVersions(info).includes(appVersion);
}

/** Composes the rooms of replay along the way of a request: see README.md. */
class Replay {
  readonly misses: MissReport[] = [];
  readonly passedThrough: PassedThrough[] = [];
  readonly addedFields: AddedFields[] = [];
  readonly served: ServedExchanges;
  readonly #recording: Recording;
  readonly #options: ReplayOptions;
  readonly #clock: RunClock;
  readonly #bodies: RecordedBodies;
  readonly #correlation = new Correlation();
  readonly #secrets = new ClientSecrets();
  readonly #requests: PreparedRequests;
  readonly #matcher: RequestMatcher;
  readonly #selection: Selection;
  readonly #responder: Responder;
  readonly #interchange: Interchange;
  readonly #uploads: Uploads;
  readonly #webSockets: WebSocketResponder;
  readonly #dialogues: DialogueResponder;
  readonly #explainer: MissExplainer;
  readonly #onMiss: MissPolicy;
  readonly #allowsNewFields: boolean;

  constructor({ recording, clock: wall, startedAt = wall.now(), options = {} }: ReplayerInit) {
    const { exchanges, info } = recording;
    const { dates = 'shift', timing = 'streams' } = options;
    this.#recording = recording;
    this.#options = options;
    const clock = (this.#clock = new RunClock(recording, { clock: wall, startedAt, frozen: dates === 'freeze' }));
    const bodies = (this.#bodies = new RecordedBodies(recording));
    const correlation = this.#correlation;
    const redaction = redactionOf(info);
    const secrets = new ShortSecrets(redaction);
    const redactor = redactorOf(redaction, (found) => {
      correlation.restore(found.placeholder, found.value);
      secrets.note(found);
    });
    const context: MatchContext = {
      ...runContext(recording, clock, options),
      ...{ redactor, bodies: new PreparedBodies() },
    };
    // Where the client lives at the time of the recording, nothing has to move.
    const shift = new ClockShift(dates === 'freeze' ? 'off' : dates, clock.recordedStart, clock.startedAt);
    this.#requests = new PreparedRequests(context);
    const digests = new DigestIndex(exchanges, bodies);
    const fingerprints = new ResponseFingerprints(exchanges, bodies);
    const served = (this.served = new ServedExchanges(exchanges.length, options.served));
    const matcher = (this.#matcher = new RequestMatcher({
      ...{ exchanges, bodies, context, correlation, clock: shift, fingerprints, digests },
      isUsed: (position) => served.isUsed(position),
    }));
    const writes = new WriteHistory(exchanges, matcher.index);
    this.#interchange = new Interchange({ exchanges, bodies, context, matcher, correlation, served });
    const writeValues = new WriteValues({ exchanges, bodies, context });
    this.#selection = new Selection({
      ...{ served, writes, fingerprints, exhausted: options.exhausted ?? 'repeat' },
      causes: new Causes({ values: matcher.values, writeValues, fingerprints }),
    });
    const keys = new SigningKeys({
      ...{ exchanges, bodies, given: options.jwtKeys ?? [], secrets: this.#secrets },
      isPlaceholder: (text) => redactor?.isPlaceholder(text) === true,
    });
    const uploads = (this.#uploads = new Uploads({ bodies, correlation, digests }));
    const rewriter = new ResponseRewriter({
      ...{ correlation, clock: shift, windows: context.windows, keys, secrets, sizes: uploads.sizes },
      asReceived: (text) => redactor?.text(text, 'text/plain') ?? text,
    });
    const onMiss = (report: MissReport): void => void this.misses.push(report);
    const responder = (this.#responder = new Responder({
      ...{ exchanges, bodies, rewriter, clock, timing, served, writes, writeValues },
      causeMissed: (exchange, position, cause) => onMiss(this.#causeReport(exchange, position, cause)),
      ...{ fixed: new FixedBodies(exchanges, bodies, digests), uploads },
    }));
    this.#webSockets = new WebSocketResponder({
      ...{ exchanges, context, matcher, correlation, rewriter, responder, served, writes, clock, timing, onMiss },
      writeValues,
      mayRepeat: options.exhausted !== 'error',
    });
    const { comparison, values } = matcher;
    this.#dialogues = new DialogueResponder({
      ...{ exchanges, bodies, context, comparison, values, correlation, rewriter, served, clock, timing, onMiss },
    });
    this.#explainer = new MissExplainer({ exchanges, matcher, served });
    this.#onMiss = missPolicy(options.onMiss ?? []);
    this.#allowsNewFields = allowsNewFields(recording, options);
  }

  async answer(exchange: Exchange, next: Next): Promise<HttpResponse> {
    const { request } = exchange;
    const limitBytes = this.#options.maxBodyBytes ?? maxBodyBytes;
    const received = this.#dialogues.concerns(request)
      ? await this.#dialogues.respond(exchange, limitBytes)
      : await request.body.bytes(limitBytes);
    if ('status' in received) return received;
    const { data, trailers } = received;
    this.#secrets.note(request.headers, data);
    const now = this.#clock.ofRequest(exchange);
    const look = async (): Promise<Found & { selected: Selected | undefined }> => {
      const found = await this.#find(request, data, now);
      return { ...found, selected: await this.#choose(found) };
    };
    const first = await look();
    const { incoming, matches, selected, added } =
      first.selected === undefined ? ((await this.#interchange.tryFor(first.incoming, now, look)) ?? first) : first;
    if (selected) {
      this.#noteAdded(exchange, added ?? (this.#allowsNewFields ? this.#matcher.addedHeaders(incoming) : []));
      if (!selected.candidate.facts.isRead)
        await this.#uploads.note(
          this.#recording.exchanges.get(selected.candidate.facts.position),
          request.headers,
          data,
        );
      return this.#respond(selected, exchange, matches);
    }
    const { action, forHost } = this.#onMiss(request.host, request.port);
    const report = forHost ? undefined : await this.#acknowledged(incoming, exchange);
    if (report !== undefined) return report;
    if (action === 'error') {
      return this.#missed(exchange, await this.#explainer.explain(exchange, incoming, now, matches));
    }
    if (typeof action === 'number') return silentResponse(exchange, action);
    const whole = withRequest(exchange, { ...request, body: Body.of(data, trailers) });
    return this.#passThrough(whole, next, action === 'record' ? this.#options.recorder : undefined);
  }

  /** As it was sent, with the recorded names put back, and at last with values for those that the client made then. */
  async #find(request: HttpRequest, data: Buffer, now: RunTimes): Promise<Found> {
    const sent = this.#requests.of(request, data);
    const found = await this.#matcher.find(sent, data, now);
    if (found.matches.length > 0) return { ...found, incoming: sent };
    const incoming = this.#correlation.hasNames
      ? this.#requests.ofNames(request, data, (text) => this.#correlation.putBack(text))
      : sent;
    const named = incoming === sent ? found : await this.#matcher.find(incoming, data, now);
    if (named.matches.length > 0 || named.isFinal === true) return { ...named, incoming };
    const unified = await this.#matcher.unify(incoming, now);
    if (unified.length > 0 || !this.#allowsNewFields) return { incoming, matches: unified, others: [] };
    return (await this.#findWithoutNewFields(incoming, data, now)) ?? { incoming, matches: [], others: [] };
  }

  async #findWithoutNewFields(sent: Incoming, data: Buffer, now: RunTimes): Promise<Found | undefined> {
    const known = await this.#matcher.withoutNewFields(sent);
    if (known === undefined) return undefined;
    const { incoming, added } = known;
    const found = await this.#matcher.find(incoming, data, now);
    if (found.matches.length > 0) return { ...found, incoming, added };
    const unified = found.isFinal === true ? [] : await this.#matcher.unify(incoming, now);
    return unified.length > 0 ? { incoming, matches: unified, others: [], added } : undefined;
  }

  #noteAdded({ index, request }: Exchange, where: readonly string[]): void {
    if (where.length === 0) return;
    const { appVersion } = this.#options;
    const by = appVersion === undefined || appVersion === defaultAppVersion ? {} : { by: appVersion };
    this.addedFields.push({ index, method: request.method, url: urlOf(request), where: [...where], ...by });
  }

  /** Undefined: none matches, or those that do are used up. */
  async #choose({ incoming, matches, others }: Found): Promise<Selected | undefined> {
    return matches.length === 0 ? undefined : this.#selection.choose(matches, others, incoming.incoming);
  }

  /** The exchanges that nobody asked for. */
  unused(): { index: number; method: string; url: string }[] {
    const { exchanges } = this.#recording;
    const left = [...positionsOf(exchanges)].filter((position) => !this.served.hasHappened(position));
    return left.map((index) => {
      const { method, url } = exchanges.outline(index);
      return { index, method, url };
    });
  }

  async #respond(
    { candidate, matchResult, announced = [], order, causes }: Selected,
    exchange: Exchange,
    matches: readonly Match[],
  ): Promise<HttpResponse> {
    const { position, answeredAt, startedAt } = candidate.facts;
    const { request, notes } = exchange;
    for (const [recorded, current] of matchResult.pairs) this.#correlation.bind(recorded, current);
    for (const name of announced) {
      if (name.isSize === true) this.#uploads.sizes.note(Number(name.recorded), Number(name.incoming));
      else this.#correlation.announce(name);
    }
    const named = this.#matcher.namedByRules(matchResult, candidate.facts);
    if (named !== undefined) for (const name of await named) this.#correlation.announce(name);
    notes.servedBy = 'recording';
    notes.recordedIndex = position;
    const release = releaseOnAbort(this.served, position, this.#recording.exchanges.get(position), exchange);
    try {
      const waitedMs = answeredAt - startedAt;
      const { certain, likely } = causes;
      if (likely.length > 0) await awaitWrites(likely, this.served, Math.max(minHoldMs, 2 * waitedMs), exchange);
      if (certain.length > 0) await awaitWrites(certain, this.served, Math.max(maxHoldMs, 2 * waitedMs), exchange);
      const missing = certain.find((write) => !this.served.hasHappened(write));
      if (missing !== undefined) {
        release();
        return this.#missed(exchange, this.#causeReport(exchange, position, missing));
      }
      const echoes = echoesOf(matchResult.pairs);
      return isWebSocket(request.headers)
        ? await this.#webSockets.respond(position, exchange, echoes, matches)
        : await this.#responder.respond(position, exchange, echoes, order);
    } catch (error) {
      release();
      throw error;
    } finally {
      // what waited for this exchange goes on after its response
      if (this.served.isAwaited(position)) setImmediate(() => this.served.answered(position));
    }
  }

  #causeReport(exchange: Exchange, position: number, cause: number): MissReport {
    const { exchanges } = this.#recording;
    return causeReport(exchange, exchanges.outline(position), position, exchanges.outline(cause));
  }

  async #acknowledged(incoming: Incoming, exchange: Exchange): Promise<HttpResponse | undefined> {
    const { index } = this.#matcher;
    const { exchanges } = this.#recording;
    const position = await acknowledgedReport(incoming, { index, exchanges, bodies: this.#bodies });
    if (position === undefined) return undefined;
    this.served.mark(position);
    exchange.notes.servedBy = 'recording';
    exchange.notes.recordedIndex = position;
    return this.#responder.respond(position, exchange, []);
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
}

/** For requests whose responses nobody reads. */
function silentResponse(exchange: Exchange, status: number): HttpResponse {
  exchange.notes.servedBy = 'proxy';
  const headers = status === 204 || status === 304 ? [] : ['Content-Length', '0'];
  return { status, reason: '', httpVersion: exchange.request.httpVersion, headers, body: Body.empty() };
}
