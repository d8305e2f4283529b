import type { Exchange, HttpResponse, RawHeaders } from '../http/index.js';
import { Body, header, streamFormat, UpstreamError, urlOf, withRequest } from '../http/index.js';
import { messageOf } from '../errors/index.js';
import { BodyCapture } from './body-capture.js';
import { DialogueCapture, mayAlternate } from './dialogue-capture.js';
import type { ExchangeRecord, RecordedFailure } from './exchange-record.js';
import { type EndKeeper, holdEnd } from './held-body.js';
import type { ExchangeLog } from './exchange-log.js';
import { PieceCapture } from './piece-capture.js';
import { WatchedRequestBody } from './watched-request-body.js';
import { WatchedStream } from './watched-stream.js';
import { WebSocketCapture } from './web-socket-capture.js';

/**
 * How long the end of a response waits for the rest of its request, in milliseconds, and up to which size of the
 * request.
 */
const earlyResponseMs = 500;
const shortBodyBytes = 1024 * 1024;
/** Made once: to make an error takes its stack, and there would be one for each exchange. */
const unread = new Error('The exchange was over before anybody asked for the body');

/** One exchange from its request until it is in the journal. */
export class OpenExchange implements EndKeeper {
  readonly laterThisTurn: (callback: () => void) => void;
  readonly #exchange: Exchange;
  readonly #journal: ExchangeLog;
  readonly #finished: (exchange: OpenExchange) => void;
  readonly #request: BodyCapture;
  readonly #response: BodyCapture;
  #requestBody: WatchedRequestBody | undefined;
  #answer: HttpResponse | undefined;
  #dialogue: DialogueCapture | undefined;
  #pieces: PieceCapture | undefined;
  #informational: { status: number; headers: RawHeaders }[] | undefined;
  #failure: RecordedFailure | undefined;
  #webSocket: WebSocketCapture | undefined;
  /** `over`: its outcome is known; `written`: it is in the journal, or never will be. */
  #state: 'open' | 'over' | 'written' = 'open';
  #release: (() => void) | undefined;
  #holding: NodeJS.Timeout | undefined;

  constructor(
    exchange: Exchange,
    journal: ExchangeLog,
    laterThisTurn: (callback: () => void) => void,
    finished: (exchange: OpenExchange) => void,
  ) {
    this.#exchange = exchange;
    this.#journal = journal;
    this.#finished = finished;
    this.laterThisTurn = laterThisTurn;
    this.#request = new BodyCapture(journal, exchange.index);
    this.#response = new BodyCapture(journal, exchange.index);
  }

  /** The exchange to hand on: its request body and its informational responses are seen. */
  watched(): Exchange {
    const { request } = this.#exchange;
    if (request.body.length !== 0) this.#requestBody = new WatchedRequestBody(request.body, this.#request);
    const seen = this.#requestBody === undefined ? request : { ...request, body: this.#requestBody.body };
    return withRequest(this.#exchange, seen, (status, headers) =>
      (this.#informational ??= []).push({ status, headers }),
    );
  }

  /** No response came. Resolves once the failure is in the journal. */
  threw(error: unknown): Promise<void> {
    this.#failure ??= this.#failureOf(error);
    return new Promise((resolve) => this.#end(resolve));
  }

  /** The response to hand to the client. */
  answered(response: HttpResponse): HttpResponse {
    this.#answer = response;
    if (this.#request.flowing && mayAlternate(this.#exchange.request.headers))
      this.#dialogue = new DialogueCapture(this.#request, this.#response);
    const capture = this.#dialogue ?? this.#response;
    if (streamFormat(response.headers) !== undefined)
      this.#pieces = new PieceCapture(capture, () => this.#exchange.elapsed());
    return { ...response, body: holdEnd(response.body.tap(this.#pieces ?? capture), this) };
  }

  /** A response without a body ends with its head: it is handed on once it is in the journal. */
  answeredEmpty(response: HttpResponse): Promise<HttpResponse> {
    this.#answer = response;
    return new Promise((resolve) => {
      holdEnd(response.body.tap(this.#response), this).pipe({
        open: () => undefined,
        chunk: () => undefined,
        end: (trailers) => resolve({ ...response, body: Body.empty(trailers) }),
        error: (error) => resolve({ ...response, body: failing(error) }),
      });
    });
  }

  /** A WebSocket is over when its connection is; what passes on it is seen. */
  webSocket(response: HttpResponse, upgraded: NonNullable<HttpResponse['upgraded']>): HttpResponse {
    this.#answer = response;
    const capture = new WebSocketCapture(() => this.#exchange.startedAt + this.#exchange.elapsed());
    this.#webSocket = capture;
    const stream = new WatchedStream(upgraded.stream, {
      sent: (chunk) => capture.passed('send', chunk),
      received: (chunk) => capture.passed('receive', chunk),
    });
    if (upgraded.head.length > 0) capture.passed('receive', upgraded.head);
    stream.once('close', () => {
      this.#failure ??= capture.failure(stream.endedBy ?? 'client');
      this.#end(() => undefined);
    });
    return { ...response, upgraded: { stream, head: upgraded.head } };
  }

  ended(release: () => void): void {
    this.#end(release);
  }

  failed(error: Error, release: () => void): void {
    this.#failure ??= this.#failureOf(error);
    this.#end(release);
  }

  givenUp(reason: Error): void {
    this.#failure ??= {
      kind: 'aborted',
      phase: 'response',
      message: messageOf(reason),
      bytesReceived: this.#response.size,
    };
    this.#response.cut();
    this.#end(() => undefined);
  }

  /** Writes it as far as it has come. */
  cut(): void {
    if (this.#state === 'open') {
      const phase = this.#answer === undefined ? 'request' : 'response';
      if (this.#webSocket !== undefined) this.#failure ??= this.#webSocket.failure('recording');
      else this.#failure ??= { kind: 'aborted', phase, message: 'The recording ended before this exchange did' };
      this.#end(() => undefined);
    }
    this.#response.cut();
    this.#request.cut();
  }

  /**
   * The outcome is known. A response may be over before its request is (RFC 9112 §9.3): then the client gets the end
   * soon, as it may be what makes it stop sending, and the record follows when the request is over.
   */
  #end(release: () => void): void {
    if (this.#state !== 'open') return release();
    this.#state = 'over';
    this.#exchange.timings.responseEnd ??= this.#exchange.elapsed();
    if (!this.#journal.writable) {
      this.#leave();
      return release();
    }
    this.#release = release;
    this.#finishRequest();
    if (this.#request.flowing) this.#releaseSoon();
    this.#request.whenOver(() => this.#request.settle(() => this.#response.settle(() => this.#write())));
  }

  /** What the client still sends belongs to its request, unless it has left or waits to be told that it may send. */
  #finishRequest(): void {
    const { request } = this.#exchange;
    if (this.#failure?.kind === 'aborted') this.#request.cut();
    else if (header(request.headers, 'expect') === undefined) this.#requestBody?.readOn();
    request.body.cancel(unread);
  }

  #write(): void {
    const inline = [...this.#request.inline(), ...this.#response.inline()];
    this.#journal.append(this.#record(), inline, () => {
      this.#leave();
      this.#releaseNow();
    });
  }

  /** A short body is as good as here, and the end of the response may close the connection that it comes on. */
  #releaseSoon(): void {
    const { length = 0 } = this.#exchange.request.body;
    if (length > shortBodyBytes) this.#releaseNow();
    else this.#holding = setTimeout(() => this.#releaseNow(), earlyResponseMs);
  }

  #releaseNow(): void {
    clearTimeout(this.#holding);
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  #leave(): void {
    if (this.#state === 'written') return;
    this.#state = 'written';
    this.#finished(this);
  }

  #record(): ExchangeRecord {
    const { id, index, sessionId, startedAt, timings, notes, request } = this.#exchange;
    return {
      id,
      index,
      sessionId,
      startedAt,
      timings,
      request: {
        method: request.method,
        url: urlOf(request),
        httpVersion: request.httpVersion,
        headers: request.headers,
        trailers: this.#request.trailers,
        body: this.#request.ref(request.body.length !== 0),
      },
      response: this.#responseRecord(),
      error: this.#failure,
      webSocketMessages: this.#webSocket?.messages,
      servedBy: notes.servedBy,
      serverAddress: notes.serverAddress,
      serverPort: notes.serverPort,
      connection: notes.connection,
      faults: notes.faults,
    };
  }

  #responseRecord(): ExchangeRecord['response'] {
    const answer = this.#answer;
    if (answer === undefined) return undefined;
    return {
      status: answer.status,
      reason: answer.reason,
      httpVersion: answer.httpVersion,
      headers: answer.headers,
      trailers: this.#response.trailers,
      body: this.#response.ref(answer.body.length !== 0),
      informational: this.#informational,
      dialogue: this.#dialogue?.dialogue,
      pieces: this.#pieces?.pieces,
    };
  }

  #failureOf(error: unknown): RecordedFailure {
    const bytesReceived = this.#response.size;
    if (!(error instanceof UpstreamError)) {
      const phase = this.#answer === undefined ? 'request' : 'response';
      return { kind: 'protocol', phase, message: messageOf(error), bytesReceived };
    }
    const { kind, phase, systemCode } = error.details;
    return { kind, phase, message: error.message, ...(systemCode === undefined ? {} : { systemCode }), bytesReceived };
  }
}

function failing(error: Error): Body {
  return new Body({
    pipe: (sink) => {
      sink.open({ pause: () => undefined, resume: () => undefined, abort: () => undefined });
      sink.error(error);
    },
  });
}
