import { z } from 'zod';
import { parseDuration } from '../../core/units.js';
import { describeIssues, messageOf, UsageError } from '../../errors/index.js';
import { defaultRetryDelayMs, defaultRetryLimitMs } from '../objects/retry-policy.js';

/** Where an S3 store is, and what its server needs to hear; all else comes from the SDK's own chain. */
export interface S3Place {
  /** As it was written: what messages and journals say. */
  url: string;
  bucket: string;
  /** Of all keys: empty, or ends with `/`. */
  prefix: string;
  endpoint?: string;
  region?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. Left out: by the endpoint. */
  pathStyle?: boolean;
  profile?: string;
  /** Server-side encryption that is asked for with each object. */
  sse?: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  sseKmsKeyId?: string;
  /** How long whoever publishes waits while the server is away, in milliseconds. */
  retryForMs: number;
  /** Before the first other try of a request, in milliseconds. */
  retryDelayMs: number;
}

const settings = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/, error: 'is no http or https URL' }).optional(),
  region: z.string().min(1).optional(),
  'path-style': z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  profile: z.string().min(1).optional(),
  sse: z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']).optional(),
  'sse-kms-key-id': z.string().min(1).optional(),
  'retry-for': z.string().transform(duration).optional(),
  /** The older name of it. */
  patience: z.string().transform(duration).optional(),
  'retry-delay': z.string().transform(duration).optional(),
});

/**
 * Reads `s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=eu-central-1&path-style=true&profile=ci&sse=AES256`.
 * Throws `UsageError` for what is no such place; credentials in it are refused, since places stand in logs.
 */
export function parseS3Place(url: string): S3Place {
  if (!URL.canParse(url)) throw notAPlace(url, 'it is not a URL');
  const { hostname: bucket, pathname, searchParams, username, password, hash, port } = new URL(url);
  if (username !== '' || password !== '') {
    throw new UsageError('The URL of an S3 store must not hold credentials', {
      hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile.',
    });
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || port !== '')
    throw notAPlace(url, 'its bucket has no valid name');
  if (hash !== '') throw notAPlace(url, 'a # must be written as %23');
  const { success, data, error } = settings.safeParse(Object.fromEntries(searchParams));
  if (!success) throw notAPlace(url, describeIssues(error));
  const path = decode(url, pathname).replace(/^\/+|\/+$/g, '');
  if (path.split('/').some((part) => part === '.' || part === '..'))
    throw notAPlace(url, 'its prefix has dots for names');
  const { 'path-style': pathStyle, 'sse-kms-key-id': sseKmsKeyId, patience, ...others } = data;
  if (patience !== undefined && others['retry-for'] !== undefined)
    throw notAPlace(url, 'patience is the older name of retry-for, and both are given');
  const {
    'retry-for': retryForMs = patience ?? defaultRetryLimitMs,
    'retry-delay': retryDelayMs = defaultRetryDelayMs,
    ...rest
  } = others;
  return {
    url,
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    ...rest,
    pathStyle,
    sseKmsKeyId,
    retryForMs,
    retryDelayMs,
  };
}

/** `s3://bucket/prefix/key`, for messages. */
export function s3Url({ bucket }: S3Place, key: string): string {
  return `s3://${bucket}/${key}`;
}

function duration(text: string, context: z.RefinementCtx): number {
  try {
    return parseDuration(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
}

function decode(url: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notAPlace(url, 'a % in it begins no escape');
  }
}

function notAPlace(url: string, why: string): UsageError {
  return new UsageError(`${JSON.stringify(url)} is no S3 store: ${why}`, {
    hint: 'Write it like s3://bucket/prefix, or s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-1&path-style=true',
    data: { store: url },
  });
}
