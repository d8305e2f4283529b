import { z } from 'zod';
import type { HarRecordingInfo } from '../../har/har.js';

/**
 * How one place of some requests is compared. `volatile`: its value differs on each run and does not decide. `exact`:
 * it is compared to the last character, whatever it looks like; with `normalizer` only that one is switched off there.
 * `ignored`: neither its value nor whether it is there counts.
 */
export const ruleEffects = ['volatile', 'exact', 'ignored'] as const;
export type RuleEffect = (typeof ruleEffects)[number];

export const replayRule = z
  .strictObject({
    /** As a miss names it: `query seed`, `header x-run`, `json $.items[*].ref`, `path[2]`. `*` stands for any text. */
    where: z.string().min(1).max(500).default('*'),
    is: z.enum(ruleEffects),
    /** Requests that it is about; `*` stands for any text. */
    method: z.string().min(1).default('*'),
    /** `api.example.com`, `*.example.com:8443`. */
    host: z.string().min(1).default('*'),
    /** Without the query. */
    path: z.string().min(1).default('*'),
    /** Of an `exact` rule: the normalizer that is switched off. */
    normalizer: z.string().min(1).optional(),
    /** Of a `volatile` rule: values that mean something there, and stay as they are without it. */
    except: z.array(z.string().max(200)).min(1).max(50).optional(),
    /** Of a rule that was learned: the recordings that showed it, and a value of each. */
    learned: z.strictObject({ from: z.array(z.string()), seen: z.array(z.string()) }).optional(),
  })
  .refine(({ where, normalizer }) => where !== '*' || normalizer !== undefined, {
    error: 'needs `where`: a place, as a miss names it',
  })
  .refine(({ is, except }) => is === 'volatile' || except === undefined, {
    error: 'with `except` can only be `volatile`',
  })
  .refine(({ is, normalizer }) => is === 'exact' || normalizer === undefined, {
    error: 'with `normalizer` can only be `exact`: that switches it off there',
  });
export type ReplayRule = z.infer<typeof replayRule>;

/** More are not kept with a recording. */
export const maxRules = 500;

/** The rules that a recording carries. What is none (a later version's, say) is left out. */
export function rulesOf(info: Pick<HarRecordingInfo, string>): ReplayRule[] {
  const rules: unknown = info.rules;
  if (!Array.isArray(rules)) return [];
  return (rules as unknown[]).flatMap((rule) => {
    const { success, data } = replayRule.safeParse(rule);
    return success ? [data] : [];
  });
}

/** Rules about the same place of the same requests; the later one takes the earlier one's place. */
export function isSamePlace(a: ReplayRule, b: ReplayRule): boolean {
  return (['where', 'method', 'host', 'path', 'normalizer'] as const).every((key) => a[key] === b[key]);
}

/** As one writes it: `volatile query seed of GET api.example.com/search`. */
export function ruleText({ where, is, method, host, path, normalizer, except }: ReplayRule): string {
  const place = [
    method === '*' ? '' : `${method} `,
    host === '*' && path === '*' ? '' : host,
    path === '*' ? '' : path,
  ];
  const of = place.join('');
  const what = normalizer === undefined ? where : `${where} for ${normalizer}`;
  const but = except === undefined ? '' : `, but for ${exceptText(except)}`;
  return `${is} ${what}${of === '' ? '' : ` of ${of}`}${but}`;
}

/** `“”, “all”`. */
export function exceptText(values: readonly string[]): string {
  return values.map((value) => `“${value}”`).join(', ');
}
