import { dirname } from 'node:path';
import { z } from 'zod';
import type { CreateSessionRequest } from '../../api/schemas.js';
import { loadConfig } from '../../config/config-file.js';
import { environment } from '../../config/environment.js';
import { certificateContent } from '../../core/pem.js';
import { projectSettings } from '../../protocol/project-settings.js';
import { sessionOptions, type FlagValues, type SessionCommand } from '../../protocol/session-options/index.js';
import { absolutePlace } from '../../store/store-place.js';
import { certificatesIn, publicRoots } from '../trust/root-certificates.js';
import { flagMeta, requestFrom } from './session-flags.js';
import { text } from './values.js';

/** The flag of every command that runs CMD or prints its environment. */
export const environmentOptions = {
  keepNoProxy: z.boolean().default(false).meta({ description: 'Leave NO_PROXY as it is instead of emptying it' }),
};

/** Flags that name a recording and where it lives. */
export const recordingOptions = {
  testId: text.meta(flagMeta('testId')),
  appVersion: text.optional().meta(flagMeta('appVersion')),
  branch: text.optional().meta(flagMeta('branch')),
  store: text.optional().meta(flagMeta('store')),
};

/** Flags that say which of a test's recordings is meant. */
export const choiceOptions = {
  versionPolicy: sessionOptions.versionPolicy.schema.meta(flagMeta('versionPolicy')),
  recording: text.optional().meta(flagMeta('recordingId')),
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

/** The values of the flags of a command that makes or plays a recording. */
export type RecordingFlags = FlagValues & z.output<z.ZodObject<typeof recordingOptions & typeof environmentOptions>>;

/**
 * The part of a `CreateSessionRequest` that the flags of a command and the project here say. `ownStack`: the stack has
 * our environment, and so its roots.
 */
export async function sessionRequest(
  command: SessionCommand,
  options: FlagValues,
  ownStack: boolean,
): Promise<CreateSessionRequest> {
  const { upstreamCa = [], ...asked } = await requestFrom(command, options);
  return {
    ...projectSettings(),
    ...asked,
    upstreamCa: [...upstreamCa, ...(ownStack ? [] : await environmentCertificates())],
  };
}

/**
 * The store as an absolute folder or a URL: what was asked for, which may be one of the config file's `stores` by name.
 */
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
