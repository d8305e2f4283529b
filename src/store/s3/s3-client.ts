import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { environment } from '../../config/environment.js';
import type { S3Place } from './s3-place.js';
import type { S3Retries } from './s3-retries.js';
import { s3Sdk } from './s3-sdk.js';

/** A connection without a byte for so long is given up, and tried again. */
export const silenceLimitMs = 30_000;
const connectLimitMs = 5_000;

export function makeS3Client({ endpoint, region, pathStyle, profile }: S3Place, retryStrategy: S3Retries): S3Client {
  const custom = endpoint ?? environment.get('AWS_ENDPOINT_URL_S3') ?? environment.get('AWS_ENDPOINT_URL');
  const { S3Client } = s3Sdk();
  const config: S3ClientConfig = {
    endpoint,
    profile,
    // Servers other than AWS's have one region, or none; the SDK insists on a name.
    region: region ?? (custom !== undefined && profile === undefined && !regionIsSet() ? 'us-east-1' : undefined),
    // Names that are no domain of the server's own (localhost, a container's name) have no bucket in front of them.
    forcePathStyle: pathStyle ?? (custom !== undefined && isPlainHost(custom)),
    // What other servers do not know they refuse; bodies are checked by their own SHA-256 here.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryStrategy,
    ...(environment.get('AWS_MAX_ATTEMPTS') === undefined ? { maxAttempts: 6 } : {}),
    requestHandler: {
      connectionTimeout: connectLimitMs,
      socketTimeout: silenceLimitMs,
      requestTimeout: 10 * silenceLimitMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 32 },
      httpsAgent: { keepAlive: true, maxSockets: 32 },
    },
  };
  for (const key of Object.keys(config) as (keyof S3ClientConfig)[]) if (config[key] === undefined) delete config[key];
  // The SDK's notice of which Node it wants next year is for us, not for users.
  return environment.with('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true', () => new S3Client(config));
}

function regionIsSet(): boolean {
  return ['AWS_REGION', 'AWS_PROFILE'].some((name) => environment.get(name) !== undefined);
}

function isPlainHost(endpoint: string): boolean {
  return URL.canParse(endpoint) && !new URL(endpoint).hostname.includes('.');
}
