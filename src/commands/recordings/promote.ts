import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { recordingOptions } from '../shared/session-options.js';
import { text } from '../shared/values.js';
import { chosenRecording } from './chosen-recording.js';
import { openChosenStore, storeOption, testIdArgument } from './store-option.js';

export const recordingsPromote = defineCommand({
  name: 'recordings promote',
  summary: 'Make a recording the published one: of main, of another app version, or an older one again',
  description:
    'Takes the published recording of a branch and app version (or the one that --recording names) and publishes it on main, or where --to-branch and --to-app-version say. It stays so until a later recording is published there; what was published before stays as history.',
  examples: [
    'recordings promote checkout --branch feature/basket',
    'recordings promote checkout --app-version 5.1.0-beta --to-app-version 5.1.0',
    'recordings promote checkout --recording 20261121T030405.678Z-1a2b3c4d',
  ],
  args: z.object({ testId: testIdArgument }),
  options: z.object({
    branch: recordingOptions.branch.meta({ description: 'Branch that it is on now' }),
    appVersion: recordingOptions.appVersion.meta({ description: 'App version that it is of' }),
    recording: text.optional().meta({ description: 'Promote this recording of it', placeholder: 'id' }),
    toBranch: text
      .optional()
      .meta({ description: 'Branch to publish it on', defaultText: 'main', placeholder: 'name' }),
    toAppVersion: text.optional().meta({
      description: 'App version to publish it for',
      defaultText: 'its own',
      placeholder: 'version',
    }),
    store: storeOption,
  }),
  async run({ args: { testId }, options, output }) {
    const { promoteRecording } = await import('../../recordings/promote-recording.js');
    const { branchOf } = await import('../../store/recording-key.js');
    const { toBranch, toAppVersion } = options;
    await using store = await openChosenStore(options.store);
    const { ref: from } = await chosenRecording(store, testId, { ...options, versionPolicy: 'exact', ownBranch: true });
    const to = { testId, appVersion: toAppVersion ?? from.appVersion, ...branchOf(toBranch) };
    const { ref, replaced } = await promoteRecording(store, from, to, new Date());
    output.print({ ...ref, from, replaced: replaced?.recordingId }, () => {
      const before = replaced === undefined ? 'none was before' : `${replaced.recordingId} was before`;
      return `Recording ${ref.recordingId} of "${testId}" is the published one for app version ${ref.appVersion} on ${ref.branch ?? 'main'} (${before})`;
    });
  },
});
