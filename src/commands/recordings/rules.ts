import { z } from 'zod';
import { ProxyctlError, UsageError } from '../../errors/index.js';
import { exceptText, replayRule, ruleEffects, rulesOf, type ReplayRule } from '../../replay/rules/replay-rule.js';
import type { RecordingRef } from '../../store/recording-key.js';
import type { RecordingStore } from '../../store/recording-store.js';
import { defineCommand } from '../shared/define-command.js';
import type { Output } from '../shared/output.js';
import { recordingOptions } from '../shared/session-options.js';
import { table } from '../shared/table.js';
import { text } from '../shared/values.js';
import { chosenRecording } from './chosen-recording.js';
import { openChosenStore, storeOption, testIdArgument } from './store-option.js';

const options = {
  is: z.enum(ruleEffects).optional().meta({
    description:
      'set: volatile (the value does not decide), exact (to the last character), or ignored (it may be missing, too)',
  }),
  method: text.optional().meta({ description: 'Of requests with this method only', placeholder: 'method' }),
  host: text
    .optional()
    .meta({ description: 'Of requests to this host only (* matches any text)', placeholder: 'host' }),
  path: text
    .optional()
    .meta({ description: 'Of requests to this path only (* matches any text)', placeholder: 'path' }),
  normalizer: text.optional().meta({
    description: 'set --is exact: switch off this normalizer there, and nothing else',
    placeholder: 'name',
  }),
  except: z
    .array(text)
    .optional()
    .meta({ description: 'set --is volatile: but for these values, which stay as they are', placeholder: 'value' }),
  appVersion: recordingOptions.appVersion,
  branch: recordingOptions.branch,
  store: storeOption,
};

export const recordingsRules = defineCommand({
  name: 'recordings rules',
  summary: 'Show, set or unset what a replay of a recording lets differ',
  description:
    'A rule says for one place of some requests (as a miss names it) whether its value decides which recorded request is meant. record --runs 2 and each new recording learn volatile places by comparing; rules that are set here come before those, and stay when the test is recorded anew. set and unset publish a copy of the recording with other rules; what was published before stays as history.',
  examples: [
    'recordings rules show checkout',
    "recordings rules set checkout 'query seed' --is volatile",
    "recordings rules set checkout 'json $.items[*].ref' --is volatile --method POST --path '/orders/*'",
    "recordings rules set checkout 'json $.queue' --is volatile --except default",
    "recordings rules set checkout 'header x-tenant' --is exact",
    "recordings rules set checkout '*' --is exact --normalizer random-words",
    "recordings rules unset checkout 'query seed'",
    "recordings rules unset checkout '#2'",
  ],
  args: z.object({
    action: z.enum(['show', 'set', 'unset']).meta({ description: 'What to do with them', placeholder: 'action' }),
    testId: testIdArgument,
    where: text.optional().meta({
      description: 'set, unset: the place, as a miss names it; * matches any text. unset: also #N, the N-th of show',
      placeholder: 'where',
    }),
  }),
  options: z.object(options),
  async run({ args: { action, testId, where }, options: given, output }) {
    await using store = await openChosenStore(given.store);
    const { ref } = await chosenRecording(store, testId, { ...given, ownBranch: true });
    if (action === 'show') {
      const rules = await recordedRules(store, ref);
      output.print({ ...ref, rules }, () => render(rules, testId));
      return;
    }
    if (where === undefined) {
      throw new UsageError(`recordings rules ${action} needs a place`, {
        hint: `Name it as a miss does: proxyctl recordings rules ${action} ${testId} 'query seed'`,
      });
    }
    const change = await changeOf(action, where, given, testId);
    await revise(store, ref, change, output);
  },
});

type Change = (rules: readonly ReplayRule[]) => ReplayRule[];
type Given = z.output<z.ZodObject<typeof options>>;

async function changeOf(action: 'set' | 'unset', where: string, given: Given, testId: string): Promise<Change> {
  const { rulesMeant, withRule } = await import('../../replay/rules/edit-rules.js');
  const scope = Object.fromEntries(
    (['method', 'host', 'path', 'normalizer'] as const).flatMap((key) =>
      given[key] === undefined ? [] : [[key, given[key]]],
    ),
  );
  if (action === 'set') {
    const except = given.except === undefined ? {} : { except: given.except };
    const { success, data, error } = replayRule.safeParse({ where, is: given.is ?? 'volatile', ...scope, ...except });
    if (!success) throw new UsageError(error.issues.map(({ message }) => `This rule ${message}`).join('; '));
    await checkNormalizer(data.normalizer);
    return (rules) => withRule(rules, data);
  }
  return (rules) => {
    const meant = rulesMeant(rules, where, scope);
    if (meant.length > 0) return rules.filter((rule) => !meant.includes(rule));
    throw new ProxyctlError('PROXYCTL_NOT_FOUND', `The recording of "${testId}" has no rule ${where}`, {
      hint: `See: proxyctl recordings rules show ${testId}`,
      data: { where, rules: rules.length },
    });
  };
}

async function checkNormalizer(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const { normalizers } = await import('../../replay/volatile/normalizers/index.js');
  if (normalizers.some((normalizer) => normalizer.name === name)) return;
  throw new UsageError(`There is no normalizer “${name}”`, {
    hint: `They are ${normalizers.map((each) => each.name).join(', ')}`,
  });
}

async function revise(store: RecordingStore, ref: RecordingRef, change: Change, output: Output): Promise<void> {
  const { reviseRecording } = await import('../../recordings/revise-recording.js');
  let rules: ReplayRule[] = [];
  const revised = await reviseRecording(
    store,
    ref,
    (info) => ({ ...info, rules: (rules = change(rulesOf(info))) }),
    new Date(),
  );
  output.print({ ...revised.ref, replaced: revised.replaced.recordingId, rules }, () => render(rules, ref.testId));
}

async function recordedRules(store: RecordingStore, ref: RecordingRef): Promise<ReplayRule[]> {
  const { openRecording } = await import('../../store/open-recording.js');
  return rulesOf((await openRecording(store, ref, { checkBodies: false })).info);
}

function render(rules: readonly ReplayRule[], testId: string): string {
  if (rules.length === 0) {
    return `No rules. Learn them by recording twice: proxyctl record --test-id ${testId} --runs 2 -- <command>`;
  }
  const rows = rules.map(({ where, is, method, host, path, normalizer, except, learned }, i) => [
    `#${i + 1}`,
    is,
    `${where}${normalizer === undefined ? '' : ` (${normalizer})`}${except === undefined ? '' : `, but for ${exceptText(except)}`}`,
    `${method} ${host}${path === '*' ? '' : path}`,
    learned === undefined ? 'set' : `learned: ${learned.seen.join(' → ')}`,
  ]);
  return table(['#', 'IS', 'WHERE', 'REQUESTS', 'FROM'], rows);
}
