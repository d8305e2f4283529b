import { errorCodes, type ErrorCode } from './codes.js';

export interface ProxyctlErrorOptions {
  /** What to do about it: one sentence, or a command to run. */
  hint?: string;
  cause?: unknown;
  /** The values in the message, for `--json` and the API. */
  data?: Record<string, unknown>;
}

/**
 * An error that the user can act upon: a stable `code`, a message with the values in it and a `hint` that says what to
 * do. Anything else that escapes is a bug and keeps its stack.
 */
export class ProxyctlError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly data: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, { hint, cause, data = {} }: ProxyctlErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
    this.data = data;
  }

  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }

  get httpStatus(): number {
    return errorCodes[this.code].httpStatus;
  }

  toJSON(): { code: ErrorCode; message: string; hint?: string; data?: Record<string, unknown> } {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(Object.keys(this.data).length === 0 ? {} : { data: this.data }),
    };
  }
}

export class UsageError extends ProxyctlError {
  constructor(message: string, options: ProxyctlErrorOptions = {}) {
    super('PROXYCTL_USAGE', message, options);
  }
}

/** The message of anything thrown, with the messages of its causes that say something new. */
export function messageOf(error: unknown): string {
  const parts: string[] = [];
  for (
    let current = error;
    current !== undefined && parts.length < 5;
    current = current instanceof Error ? current.cause : undefined
  ) {
    const text =
      current instanceof Error
        ? current.message || current.name
        : typeof current === 'string'
          ? current
          : JSON.stringify(current);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
  }
  return parts.join(': ');
}

/** The `code` of a Node system error (`ECONNREFUSED`, `ENOENT`, …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
