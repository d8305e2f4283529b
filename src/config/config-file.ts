import { checkPattern } from '../core/user-pattern.js';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkValue, messageOf, ProxyctlError } from '../errors/index.js';
import { environment } from './environment.js';

const redact = z.union([
  z.literal(false),
  z.strictObject({
    headers: z.array(z.string()).default([]),
    fields: z.array(z.string()).default([]),
    patterns: z.array(z.string()).default([]),
    keep: z.array(z.string()).default([]),
  }),
]);

/** What a project can set for all who work on it. */
const configFile = z.strictObject({
  /** Links of one's own by name; `src/link` says what they can be. */
  links: z.record(z.string(), z.unknown()).default({}),
  /**
   * Where recordings live when nothing else says so: a folder (from this file's), `s3://bucket/prefix`, or a name of
   * `stores`.
   */
  store: z.string().min(1).optional(),
  /** Stores by name, as `--store NAME` and `PROXYCTL_STORE` take them: one for each environment. */
  stores: z.record(z.string(), z.string().min(1)).default({}),
  /**
   * What `--app-version auto` says: the (first group of the) first match of `pattern` in `file` (from this file's
   * folder), or in the requests that are recorded: in a `header` or `query` parameter of the first that has it.
   */
  appVersion: z
    .strictObject({
      file: z.string().min(1).optional(),
      header: z.string().min(1).optional(),
      query: z.string().min(1).optional(),
      pattern: z.string().superRefine(checkPattern).optional(),
    })
    .optional(),
  /** How replays of this project answer: rules for places of requests; `src/replay/rules` says what they can be. */
  replay: z.strictObject({ rules: z.array(z.unknown()).default([]) }).optional(),
  /**
   * Secrets of recordings, besides the default rules: names of `headers` and `fields`, `patterns`, and names to `keep`.
   * false: none are replaced.
   */
  redact: redact.optional(),
});
type ConfigFile = z.infer<typeof configFile>;

const names = ['proxyctl.config.yaml', 'proxyctl.config.yml', 'proxyctl.config.json'];

/**
 * The config file that holds in a folder: the one that `PROXYCTL_CONFIG` names, else the nearest `proxyctl.config.yaml`
 * (or `.yml`, `.json`) there or above. Throws `PROXYCTL_CONFIG` when it cannot be read or says what is not known.
 */
export function loadConfig(folder: string = process.cwd()): { path: string | undefined; config: ConfigFile } {
  const path = environment.config === undefined ? findUpwards(resolve(folder)) : resolve(folder, environment.config);
  if (path === undefined) return { path, config: configFile.parse({}) };
  return { path, config: read(path) };
}

function read(path: string): ConfigFile {
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8')); // JSON is YAML
  } catch (error) {
    throw new ProxyctlError('PROXYCTL_CONFIG', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const { data, fault } = checkValue(configFile, value ?? {});
  if (fault === undefined) return data;
  throw new ProxyctlError('PROXYCTL_CONFIG', `${path}: ${fault}`, {
    hint: 'It can hold `links` (a name and values for each, like office: { down: 20mbit, rtt: 30ms }), `store`, `stores`, `appVersion`, `redact` and `replay` (`rules`).',
  });
}

function findUpwards(folder: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    const found = names.map((name) => join(current, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(current) === current) return undefined;
  }
}
