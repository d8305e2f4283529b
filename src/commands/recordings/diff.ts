import { z } from 'zod';
import { ProxyctlError } from '../../errors/index.js';
import type { Change, RecordingComparison } from '../../recordings/compare-recordings.js';
import type { RecordingRef } from '../../store/recording-key.js';
import type { RecordingStore } from '../../store/recording-store.js';
import { defineCommand } from '../shared/define-command.js';
import { count } from '../shared/record-test.js';
import { recordingOptions } from '../shared/session-options.js';
import { text } from '../shared/values.js';
import { chosenRecording } from './chosen-recording.js';
import { throwSkipped } from './skipped.js';
import { openChosenStore, storeOption, testIdArgument } from './store-option.js';

/** Of one exchange; the rest is counted. `--json` has all. */
const maxShown = 30;

export const recordingsDiff = defineCommand({
  name: 'recordings diff',
  summary: 'Compare two recordings of a test by what they mean',
  description:
    'Says which requests are new, gone or changed, and what changed in their answers. What differs on each run without meaning anything (dates, ids, tokens, the app’s own version) does not count. A and B are recording ids or app versions; left out: the newest two recordings.',
  examples: [
    'recordings diff checkout',
    'recordings diff checkout 5.0.0 5.1.0',
    'recordings diff checkout 20261121T030405.678Z-1a2b3c4d 5.1.0 --json',
  ],
  args: z.object({
    testId: testIdArgument,
    before: text.optional().meta({ description: 'Recording id or app version to compare with', placeholder: 'A' }),
    after: text.optional().meta({ description: 'Recording id or app version that is compared', placeholder: 'B' }),
  }),
  options: z.object({
    branch: recordingOptions.branch.meta({ description: 'Branch that both are on' }),
    store: storeOption,
  }),
  async run({ args: { testId, before, after }, options, output }) {
    const { openRecording } = await import('../../store/open-recording.js');
    const { compareRecordings } = await import('../../recordings/compare-recordings.js');
    await using store = await openChosenStore(options.store);
    const [a, b] = await chooseTwo(store, testId, before, after, options.branch);
    const comparison = await compareRecordings(
      await openRecording(store, a, { checkBodies: false }),
      await openRecording(store, b, { checkBodies: false }),
    );
    output.print({ before: a, after: b, ...comparison }, () => render(a, b, comparison));
    throwSkipped(store.skipped, output);
  },
});

async function chooseTwo(
  store: RecordingStore,
  testId: string,
  before: string | undefined,
  after: string | undefined,
  branchName: string | undefined,
): Promise<[RecordingRef, RecordingRef]> {
  if (before !== undefined && after !== undefined) {
    return [await named(store, testId, before, branchName), await named(store, testId, after, branchName)];
  }
  const { branchOf } = await import('../../store/recording-key.js');
  const { branch } = branchOf(branchName);
  const published = await store.published(testId, branch);
  const all = (
    await Promise.all(published.map(({ appVersion }) => store.history({ testId, appVersion, branch })))
  ).flat();
  const [newest, second] = all.sort((x, y) => (x.recordingId < y.recordingId ? 1 : -1));
  if (before !== undefined && newest !== undefined) return [await named(store, testId, before, branchName), newest];
  if (newest !== undefined && second !== undefined) return [second, newest];
  throw new ProxyctlError(
    'PROXYCTL_RECORDING_NOT_FOUND',
    `Test "${testId}" has ${count(all.length, 'recording')} in ${store.url}: two are compared`,
    {
      hint: 'Record it once more, or say which two: proxyctl recordings diff TEST-ID A B',
      data: { testId, recordings: all.length },
    },
  );
}

/** An app version's published recording, else the recording of that id. */
async function named(
  store: RecordingStore,
  testId: string,
  name: string,
  branch: string | undefined,
): Promise<RecordingRef> {
  const { branchOf } = await import('../../store/recording-key.js');
  const published = await store.published(testId, branchOf(branch).branch);
  const isVersion = published.some(({ appVersion }) => appVersion === name);
  const choice = isVersion ? { appVersion: name, ownBranch: true } : { recording: name };
  return (await chosenRecording(store, testId, { ...choice, branch })).ref;
}

function render(a: RecordingRef, b: RecordingRef, { same, changed, added, gone }: RecordingComparison): string {
  const lines = [
    `- ${a.recordingId} (app version ${a.appVersion})`,
    `+ ${b.recordingId} (app version ${b.appVersion})`,
    '',
  ];
  for (const { index, method, url } of gone) lines.push(`- #${index} ${method} ${url}`);
  for (const { index, method, url } of added) lines.push(`+ #${index} ${method} ${url}`);
  for (const { index, method, url, request, response } of changed) {
    lines.push(
      `~ #${index} ${method} ${url}`,
      ...renderChanges('request', request),
      ...renderChanges('response', response),
    );
  }
  const counts = [`${same} the same`, `${changed.length} changed`, `${added.length} new`, `${gone.length} gone`];
  return [...lines, ...(lines.length > 3 ? [''] : []), `Exchanges: ${counts.join(', ')}.`].join('\n');
}

function renderChanges(side: string, changes: readonly Change[]): string[] {
  const shown = changes.slice(0, maxShown).map(({ where, before, after }) => {
    if (before === undefined) return `    ${side} + ${where}: ${after ?? ''}`;
    return after === undefined ? `    ${side} - ${where}: ${before}` : `    ${side} ~ ${where}: ${before} → ${after}`;
  });
  const rest = changes.length - shown.length;
  return rest === 0 ? shown : [...shown, `    ${side}: and ${rest} more`];
}
