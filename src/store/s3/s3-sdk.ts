import { createRequire } from 'node:module';
import type * as ClientS3 from '@aws-sdk/client-s3';
import type * as LibStorage from '@aws-sdk/lib-storage';

const require = createRequire(import.meta.url);
let client: typeof ClientS3 | undefined;

/**
 * The AWS SDK, loaded when a server is first spoken to: it takes 200 ms, and half as long again by `import`, which
 * reads all of its CommonJS for the names that it exports before it runs it.
 */
export function s3Sdk(): typeof ClientS3 {
  return (client ??= require('@aws-sdk/client-s3') as typeof ClientS3);
}

/** What uploads in parts. */
export function s3Uploads(): typeof LibStorage {
  return require('@aws-sdk/lib-storage') as typeof LibStorage;
}
