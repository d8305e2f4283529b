import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { versionsText } from '../core/other-version.js';
import { packageVersion } from '../core/package-version.js';
import { errorCodes, ProxyctlError, systemCode, type ErrorCode } from '../errors/index.js';

/** Where a stack's control API is. */
export interface StackAddress {
  /** `http://127.0.0.1:4600` */
  url: string;
  token: string;
}

/** The header by which a stack and its clients tell each other their version. */
export const versionHeader = 'x-proxyctl-version';

/** Told, with each answer, that the stack is of another version than this program. */
export type OtherVersion = (version: string) => void;

export interface CallOptions {
  /** Default two minutes. */
  limitMs?: number;
  signal?: AbortSignal | undefined;
}

const defaultLimitMs = 120_000;

/**
 * HTTP to a control API, straight to it: with an agent of its own, so that the proxy variables that proxyctl sets for
 * CMD do not send proxyctl's own calls through the proxy.
 */
export class Transport {
  readonly #address: StackAddress;
  readonly #agent = new Agent({ keepAlive: false });

  readonly #onOtherVersion: OtherVersion | undefined;

  constructor(address: StackAddress, onOtherVersion?: OtherVersion) {
    this.#address = address;
    this.#onOtherVersion = onOtherVersion;
  }

  /** Throws the server's `ProxyctlError`, or `PROXYCTL_STACK_NOT_RUNNING` when nobody answers. */
  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    { limitMs = defaultLimitMs, signal }: CallOptions = {},
  ): Promise<T> {
    const limit = AbortSignal.timeout(limitMs);
    const either = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const response = await this.#send(method, path, body, either).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
    const text = await readAll(response);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async *lines<T>(path: string, signal?: AbortSignal): AsyncGenerator<T> {
    const response = await this.#send('GET', path, undefined, signal);
    let rest = '';
    try {
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
      }
    } catch (error) {
      if (signal?.aborted !== true) throw this.#unreachable(error);
    } finally {
      response.destroy();
    }
  }

  async #send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(
        new URL(path, this.#address.url),
        {
          method,
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${this.#address.token}`,
            accept: 'application/json',
            [versionHeader]: packageVersion(),
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      request.on('error', (error) => reject(this.#unreachable(error)));
      request.end(payload);
    });
    const { statusCode = 0 } = response;
    const theirs = otherVersionOf(response);
    if (theirs !== undefined) this.#onOtherVersion?.(theirs);
    if (statusCode >= 400) throw problemError(await readAll(response), statusCode, theirs);
    return response;
  }

  #unreachable(error: unknown): ProxyctlError {
    const { url } = this.#address;
    if (error instanceof Error && (error.name === 'TimeoutError' || systemCode(error) === 'ABORT_ERR')) {
      return new ProxyctlError('PROXYCTL_TIMEOUT', `The stack at ${url} did not answer within its time limit`, {
        cause: error,
      });
    }
    return new ProxyctlError('PROXYCTL_STACK_NOT_RUNNING', `No stack answers at ${url}`, {
      cause: error,
      hint: 'Start one with: proxyctl up',
    });
  }
}

function otherVersionOf({ headers }: IncomingMessage): string | undefined {
  const version = headers[versionHeader];
  return typeof version === 'string' && version !== packageVersion() ? version : undefined;
}

function problemError(text: string, status: number, theirs: string | undefined): ProxyctlError {
  let problem: { code?: string; detail?: string; hint?: string; data?: Record<string, unknown> } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // Not ours: the text itself is all there is to say.
  }
  const code =
    problem.code !== undefined && problem.code in errorCodes ? (problem.code as ErrorCode) : 'PROXYCTL_CHILD';
  const hint = [problem.hint, theirs === undefined ? undefined : versionsText(theirs)].filter(Boolean).join(' ');
  return new ProxyctlError(code, problem.detail ?? `The control API answered ${status}: ${text.slice(0, 200)}`, {
    ...(hint === '' ? {} : { hint }),
    ...(problem.data === undefined ? {} : { data: problem.data }),
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}
