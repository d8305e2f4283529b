import { z } from 'zod';
import { hostMatcher } from '../../core/host-pattern.js';

/**
 * What becomes of a request that is not in the recording. `error`: a miss is reported, and the client told.
 * `passthrough`: the backend answers. `record`: so it does, and the exchange is added to the recording. A number: an
 * empty answer of that status, without a word (for reports to analytics hosts, say).
 */
export const missAction = z.union([z.enum(['error', 'passthrough', 'record']), z.number().int().min(200).max(599)]);
type MissAction = z.infer<typeof missAction>;

/** For hosts that fit the pattern (`*` for any text, `:port`). */
export const missRule = z.strictObject({ host: z.string().min(1).default('*'), action: missAction });
export type MissRule = z.infer<typeof missRule>;

/** `forHost`: a rule for this host says so, and not one for all. */
export type MissPolicy = (host: string, port: number) => { action: MissAction; forHost: boolean };

/** A rule for some hosts comes before one for all; among equals, the first that fits counts. Without one: `error`. */
export function missPolicy(rules: readonly MissRule[]): MissPolicy {
  const compiled = [...rules]
    .sort((a, b) => Number(a.host === '*') - Number(b.host === '*'))
    .map(({ host, action }) => ({ fits: hostMatcher([host]), action, forHost: host !== '*' }));
  return (host, port) => compiled.find(({ fits }) => fits(host, port)) ?? { action: 'error', forHost: false };
}

/** Whether a request may reach a backend by one of these rules. */
export function reachesBackends(rules: readonly MissRule[]): boolean {
  return rules.some(({ action }) => action === 'passthrough' || action === 'record');
}

export function recordsMisses(rules: readonly MissRule[]): boolean {
  return rules.some(({ action }) => action === 'record');
}
