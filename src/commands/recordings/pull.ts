import { z } from 'zod';
import { isNewerFormat } from '../../core/stored-formats.js';
import { formatBytes } from '../../core/units.js';
import { ProxyctlError } from '../../errors/index.js';
import type { PulledRecording } from '../../recordings/pull-recording.js';
import type { CurrentPointer, RecordingStore } from '../../store/recording-store.js';
import { defineCommand } from '../shared/define-command.js';
import { progressLine } from '../shared/progress-line.js';
import { count } from '../shared/record-test.js';
import { text } from '../shared/values.js';
import { throwSkipped } from './skipped.js';
import { openChosenStore, storeOption } from './store-option.js';

export const recordingsPull = defineCommand({
  name: 'recordings pull',
  summary: 'Fetch recordings with their bodies, to replay them without the store',
  description:
    'Into the cache of an S3 store, so that replays with the same --store go on when it cannot be reached; or with --to into a folder (or another store), which then is the --store of replays. What is there already is not fetched. Takes what is published: of the tests that are named, or of all; older recordings stay where they are.',
  examples: [
    'recordings pull checkout --store s3://team-recordings/web',
    'recordings pull --app-version 5.1.0 --branch main',
    'recordings pull checkout login --to .proxyctl/recordings',
  ],
  args: z.object({
    tests: z.array(text).optional().meta({ description: 'Test ids', defaultText: 'all', placeholder: 'test-id' }),
  }),
  options: z.object({
    appVersion: text
      .optional()
      .meta({ description: 'Only those of this app version', defaultText: 'all', placeholder: 'version' }),
    branch: text.optional().meta({ description: 'Only those of this branch', defaultText: 'all', placeholder: 'name' }),
    to: text.optional().meta({
      description: 'Folder or store that gets them',
      defaultText: 'the cache of the store',
      placeholder: 'store',
    }),
    store: storeOption,
  }),
  async run({ args: { tests = [] }, options, output, interrupts }) {
    const { pullRecording } = await import('../../recordings/pull-recording.js');
    await using store = await openChosenStore(options.store);
    await using to = options.to === undefined ? undefined : await openChosenStore(options.to);
    checkWays(store, to);
    const progress = progressLine();
    const missing = new Set(tests);
    const sum = { recordings: 0, bodies: 0, fetched: 0, fetchedBytes: 0 };
    for await (const pointer of wanted(store, tests, options.branch)) {
      if (store.notice !== undefined) throw awayError(store);
      if (options.appVersion !== undefined && pointer.appVersion !== options.appVersion) continue;
      const { testId, appVersion, branch, recordingId } = pointer;
      missing.delete(testId);
      const pulling = pullRecording(store, pointer, {
        to,
        signal: interrupts.signal,
        onProgress: ({ done, bodies }) =>
          progress(`${testId} ${appVersion}: ${done} of ${count(bodies, 'body', 'bodies')}`),
      });
      const pulled = await pulling.catch((error: unknown) => {
        if (!isNewerFormat(error)) throw error;
        store.skipped.push(error);
      });
      if (pulled === undefined) continue;
      output.line({ testId, appVersion, branch, recordingId, ...pulled }, (value) => render(pointer, value));
      sum.recordings += 1;
      for (const name of ['bodies', 'fetched', 'fetchedBytes'] as const) sum[name] += pulled[name];
    }
    if (missing.size > 0 && store.skipped.length === 0) throw notThere(store, [...missing], options);
    const what = `${count(sum.recordings, 'recording')} with ${count(sum.bodies, 'body', 'bodies')}`;
    const fetched = `${sum.fetched} fetched, ${formatBytes(sum.fetchedBytes)}`;
    output.note(
      sum.recordings === 0
        ? `Nothing is published in ${store.url} that fits. See what there is with: proxyctl recordings ls`
        : `${what} (${fetched}) ${sum.recordings === 1 ? 'is' : 'are'} in ${to?.url ?? `the cache of ${store.url}`}. Replay without the network: proxyctl replay --store ${to?.url ?? store.url} …`,
    );
    throwSkipped(store.skipped, output);
  },
});

async function* wanted(
  store: RecordingStore,
  tests: readonly string[],
  named: string | undefined,
): AsyncGenerator<CurrentPointer, void, undefined> {
  const { allBranches, publishedIn } = await import('../../store/published-keys.js');
  const { branchOf } = await import('../../store/recording-key.js');
  const branches = named === undefined ? undefined : [branchOf(named).branch];
  if (tests.length === 0) {
    yield* publishedIn(store, { branches, remembered: true }); // for replays without the store
    return;
  }
  for await (const branch of branches ?? allBranches(store))
    for (const test of tests) yield* await store.published(test, branch);
}

function checkWays(store: RecordingStore, to: RecordingStore | undefined): void {
  if (to?.url === store.url) {
    throw new ProxyctlError('PROXYCTL_USAGE', `--to is the store itself: ${store.url}`, {
      hint: 'Name the store that recordings are in with --store, and where they are to go with --to.',
    });
  }
  if (to !== undefined || store.cached) return;
  throw new ProxyctlError('PROXYCTL_USAGE', `${store.url} is a folder, which has no cache`, {
    hint: 'Say where they are to go with --to, or which store they are in with --store.',
  });
}

function awayError(store: RecordingStore): ProxyctlError {
  return new ProxyctlError('PROXYCTL_STORE', `Nothing can be pulled: ${store.notice ?? ''}`, {
    hint: 'Check the endpoint of the store and the network.',
    data: { store: store.url },
  });
}

function notThere(
  store: RecordingStore,
  tests: readonly string[],
  { appVersion, branch }: { appVersion?: string | undefined; branch?: string | undefined },
): ProxyctlError {
  const names = tests.map((test) => `"${test}"`).join(', ');
  const of = `${appVersion === undefined ? '' : ` for app version ${appVersion}`}${branch === undefined ? '' : ` on branch ${branch}`}`;
  return new ProxyctlError('PROXYCTL_RECORDING_NOT_FOUND', `Nothing is published of ${names}${of} in ${store.url}`, {
    hint: 'See what there is with: proxyctl recordings ls',
    data: { tests, store: store.url },
  });
}

function render(
  { testId, appVersion, branch }: CurrentPointer,
  { exchanges, bodies, fetched, fetchedBytes }: PulledRecording,
): string {
  const version = appVersion === 'default' ? '' : ` for app version ${appVersion}`;
  const on = branch === undefined ? '' : ` on branch ${branch}`;
  const news = fetched === 0 ? 'all there' : `${fetched} fetched, ${formatBytes(fetchedBytes)}`;
  return `Pulled "${testId}"${version}${on}: ${count(exchanges, 'exchange')}, ${count(bodies, 'body', 'bodies')} (${news})`;
}
