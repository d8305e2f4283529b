import { z } from 'zod';
import { redactionOptions } from '../../har/redaction/index.js';
import type { SessionOptions } from './session-option.js';

/** Which recording is made or played, and where it lives. */
export const recordingOptions = {
  testId: {
    schema: z.string().min(1).optional().describe('Test that the recording belongs to: any text'),
    flag: { placeholder: 'id' },
  },
  appVersion: {
    schema: z.string().min(1).optional().describe('Version of the app under test'),
    flag: {
      description:
        'Version of the app under test; auto: from package.json, Gradle, Info.plist or appVersion of the config file',
      placeholder: 'version',
      defaultText: 'one version for all',
    },
  },
  branch: {
    schema: z
      .string()
      .min(1)
      .optional()
      .describe('Branch of the code under test: recordings are kept apart, and what it has none of is taken from main'),
    flag: { placeholder: 'name', defaultText: 'main' },
  },
  store: {
    schema: z
      .string()
      .optional()
      .describe('Where recordings live: an absolute folder or s3://bucket/prefix, either with encrypted: before it'),
    flag: {
      description:
        'Where recordings live: a folder, s3://bucket/prefix, either with encrypted: before it, or a name from the config file',
      defaultText: 'PROXYCTL_STORE, else the config file, else .proxyctl/recordings',
    },
  },
} satisfies SessionOptions;

/** How a recording is made. */
export const recordOptions = {
  appVersionFrom: {
    schema: z
      .strictObject({ header: z.string().optional(), query: z.string().optional(), pattern: z.string().optional() })
      .optional()
      .describe('Where the recorded requests say the app’s version, which the recording is published under then'),
  },
  run: {
    schema: z.number().int().min(1).optional().describe('Which of several recorded runs of one test this is, from 1'),
  },
  redact: {
    schema: z
      .union([redactionOptions, z.literal(false)])
      .optional()
      .describe('What a recording session replaces besides what it does by default; false: nothing'),
    config: {
      key: 'redact',
      hint: 'Each of `patterns` is a regular expression, like (\\w+) or IBAN ?(\\w+).',
    },
  },
  publishAnyway: {
    schema: z
      .boolean()
      .optional()
      .describe('Publish the recording also if a scan finds secrets that stand in it in the clear'),
    flag: {},
  },
} satisfies SessionOptions;
