import { ProxyctlError, systemCode } from '../../errors/index.js';

interface Explanation {
  /** Continues "The store cannot read URL: ". */
  reason: string;
  hint: string;
}

const renew = 'Renew them (for SSO: aws sso login), then: proxyctl recordings push';
const checkKeys = 'Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile.';
const wait = 'Wait a little, then try again; a recording that waits is published with: proxyctl recordings push';
const reach = 'Check the endpoint (?endpoint=… of the store, or AWS_ENDPOINT_URL_S3) and the network.';

/** By the name of S3's error. */
const byName: Record<string, Explanation> = {
  NoSuchBucket: {
    reason: 'there is no such bucket',
    hint: 'Create it, or check its name, the endpoint and the region.',
  },
  AccessDenied: {
    reason: 'access is denied',
    hint: 'These credentials need s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects.',
  },
  InvalidAccessKeyId: { reason: 'the server does not know the access key', hint: checkKeys },
  XAdminUserNotFound: { reason: 'the server does not know the access key', hint: checkKeys }, // versitygw
  SignatureDoesNotMatch: { reason: 'the secret key is not the right one', hint: checkKeys },
  ExpiredToken: { reason: 'the credentials have expired', hint: renew },
  ExpiredTokenException: { reason: 'the credentials have expired', hint: renew },
  TokenRefreshRequired: { reason: 'the credentials have expired', hint: renew },
  CredentialsProviderError: {
    reason: 'no credentials were found',
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role.',
  },
  RequestTimeTooSkewed: {
    reason: 'the clock of this machine differs too much from the server’s',
    hint: 'Set the clock (NTP), then try again.',
  },
  PermanentRedirect: {
    reason: 'the bucket is in another region',
    hint: 'Set the region: ?region=… of the store, or AWS_REGION.',
  },
  AuthorizationHeaderMalformed: {
    reason: 'the bucket is in another region',
    hint: 'Set the region: ?region=… of the store, or AWS_REGION.',
  },
  SlowDown: { reason: 'the server has too much to do', hint: wait },
  ServiceUnavailable: { reason: 'the server has too much to do', hint: wait },
  InternalError: { reason: 'the server failed', hint: wait },
};

/** By the system's code of a failed connection. */
const unreachable: Record<string, string> = {
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host’s name could not be looked up',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
};

/** What a failed operation of S3 is thrown as: `PROXYCTL_STORE`, with the URL, the reason and what to do. */
export function s3Error(action: string, url: string, cause: unknown): ProxyctlError {
  if (cause instanceof ProxyctlError) return cause;
  const { reason, hint } = explain(cause);
  return new ProxyctlError('PROXYCTL_STORE', `The store cannot ${action} ${url}: ${reason}`, {
    hint,
    cause,
    data: { url, s3Code: nameOf(cause), httpStatus: statusOf(cause), unreachable: isUnreachable(cause) },
  });
}

/** Whether the server could not be spoken to at all, so that what is kept on this machine may answer. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof ProxyctlError) return error.data.unreachable === true;
  return nameOf(error) === 'TimeoutError' || (systemCode(error) ?? '') in unreachable;
}

/** The HTTP status that an error of the SDK carries. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
  return typeof status === 'number' ? status : undefined;
}

/**
 * Whether the object is not there; buckets and access keys that are not known are told by 404 as well, and are errors.
 */
export function isMissing(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(nameOf(error) ?? '');
}

export function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** `nothing listens there (ECONNREFUSED)` */
export function reasonOf(cause: unknown): string {
  return explain(cause).reason;
}

function explain(cause: unknown): Explanation {
  const name = nameOf(cause) ?? '';
  const known = byName[name];
  if (known !== undefined) return { ...known, reason: `${known.reason} (${name})` };
  const code = systemCode(cause);
  // The SDK calls a connection that was reset a TimeoutError as well.
  const broken = unreachable[code ?? ''] ?? (name === 'TimeoutError' ? 'it does not answer' : undefined);
  if (broken !== undefined) return { reason: `${broken} (${code ?? name})`, hint: reach };
  const status = statusOf(cause);
  const said = cause instanceof Error ? cause.message : String(cause);
  if (status === 403) return { ...(byName.AccessDenied as Explanation), reason: 'access is denied (403)' };
  if (status === 503 || status === 429) return { reason: `the server has too much to do (${status})`, hint: wait };
  if (status !== undefined && status >= 500) return { reason: `the server failed (${status}: ${said})`, hint: wait };
  return { reason: status === undefined ? said : `${said} (${name}, ${status})`, hint: reach };
}
