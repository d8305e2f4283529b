import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UsageError } from '../../errors/index.js';
import { missAction, type MissRule } from '../../replay/explain/miss-policy.js';
import type { JwtKeySetting } from '../../replay/replay-settings.js';
import { choiceOptions } from './session-options.js';
import { text, wholeNumber } from './values.js';

/** Flags that say which recording a replay takes and how it answers. */
export const replayOptions = {
  ...choiceOptions,
  missStatus: wholeNumber(400, 599, 'status').optional().meta({
    description: 'HTTP status of the answer to a request that is not in the recording',
    defaultText: '502',
  }),
  onMiss: z.array(text).default([]).meta({
    description:
      'What becomes of requests that are not in the recording: error, passthrough (the backend answers), record (so it does, and the exchange is added to the recording), or a status for an empty answer; HOST=… for these hosts only (* matches any text)',
    defaultText: 'error',
    placeholder: '[host=]action',
  }),
  exhausted: z.enum(['repeat', 'error', 'cycle']).default('repeat').meta({
    description:
      'What answers a request that is made more often than it was recorded: the last answer, a miss, or the first again',
  }),
  dates: z.enum(['shift', 'shift-days', 'freeze', 'off']).default('shift').meta({
    description:
      'How recorded times are told: moved to now, moved by whole days, as they were (freeze: CMD’s clock must be set back to the recording’s), or as they were',
  }),
  dateWindow: wholeNumber(0, 100_000, 'days').default(400).meta({
    description: 'Times this many days around the recording move; others stay as they are',
  }),
  jwtKey: z.array(text).default([]).meta({
    description: 'Sign tokens whose times move with the key in this file (PEM, or a secret as text)',
    placeholder: '[kid=]file',
  }),
  timing: z.enum(['fast', 'recorded']).default('fast').meta({
    description: 'Answer at once, or as slowly as the backend did',
  }),
  allowMisses: z.boolean().default(false).meta({ description: 'Let the exit code be CMD’s even if requests missed' }),
};

export type ReplayFlags = Partial<z.output<z.ZodObject<typeof replayOptions>>>;

/** The part of a `CreateSessionRequest` that these flags say. Throws `UsageError`. */
export function replayRequest(flags: ReplayFlags) {
  const { versionPolicy, recording, missStatus, onMiss, exhausted, dates, dateWindow, jwtKey, timing } = flags;
  return {
    ...(versionPolicy === undefined ? {} : { versionPolicy }),
    ...(recording === undefined ? {} : { recordingId: recording }),
    ...(missStatus === undefined ? {} : { missStatus }),
    ...(onMiss === undefined ? {} : { onMiss: onMiss.map(missRuleOf) }),
    ...(exhausted === undefined ? {} : { exhausted }),
    ...(dates === undefined ? {} : { dates }),
    ...(dateWindow === undefined ? {} : { dateWindowDays: dateWindow }),
    ...(jwtKey === undefined ? {} : { jwtKeys: jwtKey.map(jwtKeySettingOf) }),
    ...(timing === undefined ? {} : { timing }),
  };
}

/** `error`, `*.analytics.test=204`. */
export function missRuleOf(flag: string): MissRule {
  const cut = flag.lastIndexOf('=');
  const [host, name] = cut < 0 ? ['*', flag] : [flag.slice(0, cut), flag.slice(cut + 1)];
  const action = missAction.safeParse(/^\d+$/.test(name) ? Number(name) : name);
  if (action.success && host !== '') return { host, action: action.data };
  throw new UsageError(`--on-miss: “${flag}” is not understood`, {
    hint: 'Say error, passthrough, record, or a status from 200 to 599; for some hosts only: --on-miss *.analytics.test=204',
  });
}

function jwtKeySettingOf(flag: string): JwtKeySetting {
  const [, kid, file = flag] = /^([^=/]+)=(.+)$/.exec(flag) ?? [];
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--jwt-key: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const key = content.includes('-----BEGIN ') ? { pem: content } : { secret: content.replace(/\r?\n$/, '') };
  return kid === undefined ? key : { kid, ...key };
}
