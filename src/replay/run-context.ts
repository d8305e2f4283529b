import { recordedVersions } from '../har/har.js';
import { defaultAppVersion } from '../store/recording-key.js';
import type { Recording } from '../store/recording.js';
import type { RunClock } from './loaded/run-clock.js';
import type { MatchContext } from './match/prepared-request.js';
import { rulesOf, type ReplayRule } from './rules/replay-rule.js';
import { RuleSet } from './rules/rule-set.js';
import { daySeconds } from './volatile/dates/time-format.js';

/** What both sides of a comparison know alike in this run: windows for dates, app versions, rules. */
export function runContext(
  { info }: Recording,
  { recordedStart, startedAt }: RunClock,
  options: { dateWindowDays?: number; appVersion?: string; rules?: readonly ReplayRule[] },
): Omit<MatchContext, 'redactor' | 'bodies'> {
  const windowSeconds = (options.dateWindowDays ?? 400) * daySeconds;
  const around = (ms: number): { from: number; to: number } => ({
    from: ms / 1000 - windowSeconds,
    to: ms / 1000 + windowSeconds,
  });
  const versions = [...recordedVersions(info), options.appVersion].filter(
    (version): version is string => version !== undefined && version !== defaultAppVersion,
  );
  return {
    recordedStart,
    windows: [around(recordedStart), around(startedAt)],
    appVersions: [...new Set(versions)],
    rules: new RuleSet(rulesInOrder(rulesOf(info), options.rules ?? [])),
  };
}

/** Rules that were set for the recording come first, then the project's, then what was learned. */
function rulesInOrder(recorded: readonly ReplayRule[], project: readonly ReplayRule[]): ReplayRule[] {
  const isSet = ({ learned }: ReplayRule): boolean => learned === undefined;
  return [...recorded.filter(isSet), ...project, ...recorded.filter((rule) => !isSet(rule))];
}
