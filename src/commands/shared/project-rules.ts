import { z } from 'zod';
import { loadConfig } from '../../config/config-file.js';
import { describeIssues, ProxyctlError } from '../../errors/index.js';
import { maxRules, replayRule, type ReplayRule } from '../../replay/rules/replay-rule.js';

/** The rules for replays that the config file has. Throws `PROXYCTL_CONFIG` when one is none. */
export function projectRules(): ReplayRule[] {
  const { path, config } = loadConfig();
  const { success, data, error } = z
    .array(replayRule)
    .max(maxRules)
    .safeParse(config.replay?.rules ?? []);
  if (success) return data;
  throw new ProxyctlError('PROXYCTL_CONFIG', `${path ?? 'The config file'}: replay.rules: ${describeIssues(error)}`, {
    hint: "A rule is like { where: 'query seed', is: volatile }, with host, path and method if need be; is: volatile, exact or ignored.",
  });
}
