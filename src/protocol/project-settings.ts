import type { z } from 'zod';
import { loadConfig } from '../config/config-file.js';
import { checkValue, ProxyctlError, UsageError } from '../errors/index.js';
import { addRedaction, withMoreRedaction, type RedactionOptions } from '../har/redaction/index.js';
import { isSamePlace, maxRules, type ReplayRule } from '../replay/rules/replay-rule.js';
import { sessionOptions, type ConfigPlace } from './session-options/index.js';

/*
 * The one place that decides by which rules a session redacts and replays. A session is of one project: that of the
 * config file where its command runs, else that of the folder where its stack was started. The request has the last
 * word.
 */

/** What a project's config file says for all of its sessions. */
export interface ProjectSettings {
  /** The file that says it; undefined: there is none. */
  configFile?: string;
  redact?: RedactionOptions | false;
  rules: ReplayRule[];
}

/**
 * The settings of the project that a folder is in. Throws `PROXYCTL_CONFIG` when its file cannot be read, or a rule is
 * none.
 */
export function projectSettings(folder?: string): ProjectSettings {
  const file = loadConfig(folder);
  const redact = configured(sessionOptions.redact, file);
  return {
    ...(file.path === undefined ? {} : { configFile: file.path }),
    ...(redact === undefined ? {} : { redact }),
    rules: configured(sessionOptions.rules, file) ?? [],
  };
}

/** What a session was asked to do; `configFile`: the file of a project whose settings are in it already. */
interface AskedSettings {
  configFile?: string | undefined;
  redact?: RedactionOptions | false | undefined;
  rules?: readonly ReplayRule[] | undefined;
}

/**
 * The settings of a session of which `asked` was asked: those of the project, then the request's. Lists are added up;
 * where both name the same thing, the request holds. A request with another project's settings in it is redacted by the
 * stack's rules as well, and replays by its own alone. Throws `UsageError` for too many rules.
 */
export function settingsOf(asked: AskedSettings, stack: ProjectSettings): Pick<ProjectSettings, 'redact' | 'rules'> {
  const { configFile, rules: asks = [] } = asked;
  const isOfStack = configFile === undefined || configFile === stack.configFile;
  const redact = isOfStack ? addRedaction(stack.redact, asked.redact) : withMoreRedaction(asked.redact, stack.redact);
  const others = (isOfStack ? stack.rules : []).filter((rule) => !asks.some((asksFor) => isSamePlace(asksFor, rule)));
  const rules = [...asks, ...others];
  if (rules.length > maxRules) {
    throw new UsageError(`A session has ${maxRules} rules at the most; this one would have ${rules.length}`, {
      hint: `${others.length} of them are in ${stack.configFile ?? 'the config file'}.`,
    });
  }
  return { rules, ...(redact === undefined ? {} : { redact }) };
}

/** What the config file says of an option. */
function configured<Schema extends z.ZodType>(
  { schema, config: { key, hint } }: { schema: Schema; config: ConfigPlace },
  { path, config }: ReturnType<typeof loadConfig>,
): z.output<Schema> | undefined {
  const value = key
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], config);
  if (value === undefined) return undefined;
  const { data, fault } = checkValue(schema, value);
  if (fault === undefined) return data;
  throw new ProxyctlError('PROXYCTL_CONFIG', `${path ?? 'The config file'}: ${key}: ${fault}`, { hint });
}
