import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../../config/config-file.js';
import { environment } from '../../config/environment.js';
import { messageOf, UsageError } from '../../errors/index.js';
import { projectSettings } from '../../protocol/project-settings.js';
import { absolutePlace } from '../../store/store-place.js';
import { certificateContent, certificatesIn, distinctCertificates, publicRoots } from '../trust/root-certificates.js';
import { upstreamOptions, upstreamRequest } from './upstream-options.js';
import { port, text } from './values.js';

/** Flags of every command that opens a session. */
export const sessionOptions = {
  port: port.optional().meta({
    description: 'Port of the session’s proxy, for devices with a fixed setting',
    defaultText: 'any free one',
    placeholder: 'n',
  }),
  host: text
    .optional()
    .meta({ description: 'Address that the proxy listens on', defaultText: '127.0.0.1', placeholder: 'addr' }),
  intercept: z
    .array(text)
    .default([])
    .meta({ description: 'Look into TLS of these hosts only (* matches any text)', placeholder: 'host' }),
  noIntercept: z
    .array(text)
    .default([])
    .meta({ description: 'Let TLS of these hosts pass untouched (* matches any text)', placeholder: 'host' }),
  upstreamCa: z
    .array(text)
    .default([])
    .meta({ description: 'Trust the certificates in this PEM file when connecting to backends', placeholder: 'file' }),
  insecureUpstream: z.array(text).default([]).meta({
    description: 'Do not verify the certificates of these backends; without a host: of none',
    placeholder: 'host',
    bare: '*',
  }),
  ...upstreamOptions,
  keepNoProxy: z.boolean().default(false).meta({ description: 'Leave NO_PROXY as it is instead of emptying it' }),
};

/** Flags that name a recording and where it lives. */
export const recordingOptions = {
  testId: text.meta({ description: 'Test that the recording belongs to: any text', placeholder: 'id' }),
  appVersion: text.optional().meta({
    description:
      'Version of the app under test; auto: from package.json, Gradle, Info.plist or appVersion of the config file',
    defaultText: 'one version for all',
    placeholder: 'version',
  }),
  branch: text.optional().meta({
    description: 'Branch of the code under test: recordings are kept apart, and what it has none of is taken from main',
    defaultText: 'main',
    placeholder: 'name',
  }),
  store: text.optional().meta({
    description:
      'Where recordings live: a folder, s3://bucket/prefix, either with encrypted: before it, or a name from the config file',
    defaultText: 'PROXYCTL_STORE, else the config file, else .proxyctl/recordings',
    placeholder: 'store',
  }),
};

/** Flags that say which of a test's recordings is meant. */
export const choiceOptions = {
  versionPolicy: z.enum(['exact', 'nearest', 'latest']).default('nearest').meta({
    description: 'Which recording to take when this app version has none',
  }),
  recording: text
    .optional()
    .meta({ description: 'Take this recording instead of the published one', placeholder: 'id' }),
};

/** Flags that write what a session did to a folder when it ends. */
export const reportFolderOptions = {
  reportDir: text.optional().meta({
    description: 'Write the HAR, a summary, the logs and JUnit XML to a new folder in this one',
    placeholder: 'folder',
  }),
  allure: text.optional().meta({
    description: 'Add a result with the HAR, a summary and the logs to this folder of Allure results',
    placeholder: 'folder',
  }),
};

export const reportOption = {
  report: text.optional().meta({ description: 'Write a summary as JSON to this file', placeholder: 'file' }),
  ...reportFolderOptions,
};

export type SessionOptions = z.output<z.ZodObject<typeof sessionOptions>>;
export type RecordingOptions = z.output<z.ZodObject<typeof recordingOptions>>;

/** The part of a `CreateSessionRequest` that these flags and the project here say. `ownStack`: the stack has our environment, and so its roots. */
export async function sessionRequest(options: SessionOptions, ownStack: boolean) {
  const { host, port: proxyPort, intercept, noIntercept, insecureUpstream } = options;
  return {
    ...projectSettings(),
    intercept,
    noIntercept,
    insecureUpstream,
    ...(await upstreamRequest(options)),
    upstreamCa: [
      ...(await namedCertificates(options.upstreamCa)),
      ...(ownStack ? [] : await environmentCertificates()),
    ],
    ...(host === undefined ? {} : { host }),
    ...(proxyPort === undefined ? {} : { port: proxyPort }),
  };
}

/** The store as an absolute folder or a URL: what was asked for, which may be one of the config file's `stores` by name. */
export function storeUrl(option: string | undefined): string {
  const { path, config } = loadConfig();
  const given = option ?? environment.store;
  const asked = given ?? config.store;
  const named = asked === undefined ? undefined : config.stores[asked];
  const place = named ?? asked ?? '.proxyctl/recordings';
  // What the config file says is meant from where that file is.
  const fromFile = named !== undefined || (given === undefined && asked !== undefined);
  return absolutePlace(place, fromFile && path !== undefined ? dirname(path) : process.cwd());
}

async function namedCertificates(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const certificates = distinctCertificates([await readPem(file)]);
      if (certificates.length > 0) return certificates;
      throw new UsageError(`--upstream-ca: ${file} holds no certificate`, {
        hint: 'Give a PEM file with one or more -----BEGIN CERTIFICATE----- blocks.',
      });
    }),
  );
  return found.flat();
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    throw new UsageError(`--upstream-ca: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** What this process was told to trust beyond public roots; a stack that others started does not know. */
async function environmentCertificates(): Promise<string[]> {
  const given = await certificatesIn(trustedFiles());
  if (given.length === 0) return [];
  const known = new Set((await publicRoots()).map(certificateContent));
  return given.filter((pem) => !known.has(certificateContent(pem)));
}

/** PEM files that proxyctl itself was started with. */
export function trustedFiles(): (string | undefined)[] {
  return [environment.get('SSL_CERT_FILE'), environment.get('NODE_EXTRA_CA_CERTS')];
}
