import { z } from 'zod';
import { UsageError } from '../../errors/index.js';
import { jwtKeySetting, type JwtKeySetting } from '../../replay/jwt-key.js';
import { missAction, missRule, type MissRule } from '../../replay/explain/miss-policy.js';
import { maxRules, replayRule } from '../../replay/rules/replay-rule.js';
import { readNamedFile } from './read-named-file.js';
import type { SessionOptions } from './session-option.js';

/** Which recording a replay takes, and how it answers. */
export const replayOptions = {
  versionPolicy: {
    requestOnly: true,
    schema: z
      .enum(['exact', 'nearest', 'latest'])
      .default('nearest')
      .describe('Which recording to take when this app version has none'),
    flag: {},
  },
  recordingId: {
    schema: z.string().optional().describe('Take this recording instead of the published one'),
    flag: { name: 'recording', placeholder: 'id' },
  },
  missStatus: {
    schema: z
      .number()
      .int()
      .min(400)
      .max(599)
      .default(502)
      .describe('HTTP status of the answer to a request that is not in the recording'),
    flag: { placeholder: 'status' },
  },
  onMiss: {
    schema: z.array(missRule).default([]).describe('What becomes of requests that are not in the recording, by host'),
    flag: {
      description:
        'What becomes of requests that are not in the recording: error, passthrough (the backend answers), record (so it does, and the exchange is added to the recording), or a status for an empty answer; HOST=… for these hosts only (* matches any text)',
      defaultText: 'error',
      placeholder: '[host=]action',
      read: (flags: string[]) => flags.map(missRuleOf),
    },
  },
  exhausted: {
    schema: z
      .enum(['repeat', 'error', 'cycle'])
      .default('repeat')
      .describe(
        'What answers a request that is made more often than it was recorded: the last answer, a miss, or the first again',
      ),
    flag: {},
  },
  newFields: {
    schema: z
      .enum(['miss', 'allow'])
      .optional()
      .describe(
        'What becomes of fields, parameters and headers that no recorded request of their operation has: a miss, or they may be there',
      ),
    flag: { defaultText: 'allow with another app version than the recorded one, else miss' },
  },
  dates: {
    schema: z
      .enum(['shift', 'shift-days', 'freeze', 'off'])
      .default('shift')
      .describe(
        'How recorded times are told: moved to now, moved by whole days, as they were (freeze: CMD’s clock must be set back to the recording’s), or as they were',
      ),
    flag: {},
  },
  dateWindowDays: {
    schema: z
      .number()
      .min(0)
      .max(100_000)
      .default(400)
      .describe('Times this many days around the recording move; others stay as they are'),
    flag: { name: 'dateWindow', placeholder: 'days' },
  },
  jwtKeys: {
    secret: true,
    schema: z.array(jwtKeySetting).default([]).describe('Keys that JSON Web Tokens whose times move are signed with'),
    flag: {
      name: 'jwtKey',
      description: 'Sign tokens whose times move with the key in this file (PEM, or a secret as text)',
      placeholder: '[kid=]file',
      read: (flags: string[]) => Promise.all(flags.map(jwtKeyIn)),
    },
  },
  timing: {
    schema: z
      .enum(['streams', 'fast', 'recorded'])
      .default('streams')
      .describe('Keep the gaps within streams, up to 2 s each; answer all at once; or as slowly as the backend did'),
    flag: {},
  },
  rules: {
    schema: z
      .array(replayRule)
      .max(maxRules)
      .default([])
      .describe('Rules for places of requests, besides those of the recording'),
    config: {
      key: 'replay.rules',
      hint: "A rule is like { where: 'query seed', is: volatile }, with host, path and method if need be; is: volatile, exact or ignored.",
    },
  },
} satisfies SessionOptions;

/** `error`, `*.analytics.test=204`. */
function missRuleOf(flag: string): MissRule {
  const cut = flag.lastIndexOf('=');
  const [host, name] = cut < 0 ? ['*', flag] : [flag.slice(0, cut), flag.slice(cut + 1)];
  const action = missAction.safeParse(/^\d+$/.test(name) ? Number(name) : name);
  if (action.success && host !== '') return { host, action: action.data };
  throw new UsageError(`--on-miss: “${flag}” is not understood`, {
    hint: 'Say error, passthrough, record, or a status from 200 to 599; for some hosts only: --on-miss *.analytics.test=204',
  });
}

async function jwtKeyIn(flag: string): Promise<JwtKeySetting> {
  const [, kid, file = flag] = /^([^=/]+)=(.+)$/.exec(flag) ?? [];
  const content = await readNamedFile('--jwt-key', file, 'utf8');
  const key = content.includes('-----BEGIN ') ? { pem: content } : { secret: content.replace(/\r?\n$/, '') };
  return kid === undefined ? key : { kid, ...key };
}
