import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishJournal } from '../../src/record/publish.js';
import { folderStore } from '../../src/store/folder-store.js';
import { recordExchange, recordingInfo, startRecording } from '../helpers/recording.js';
import { tempFolder } from '../helpers/temp-folder.js';

test.each([
  ['a header', { header: 'User-Agent', pattern: String.raw`Shop/(\S+)` }, '5.1.0-beta+123'],
  ['a query parameter', { query: 'app_version' }, '77'],
  ['nothing that was sent', { header: 'X-App' }, 'default'],
])('a recording is published under the version that its requests say in %s', async (_, appVersionFrom, expected) => {
  const root = await tempFolder();
  const { recorder, folder } = await startRecording(
    join(root, 'journal'),
    recordingInfo({ appVersion: 'default', appVersionFrom }),
  );
  await recordExchange(recorder, 0);
  await recordExchange(recorder, 1, {
    request: { target: '/a?app_version=77', headers: ['User-Agent', 'Shop/5.1.0-beta+123 (Android 16)'] },
  });
  await recorder.close();
  const store = folderStore(join(root, 'store'));
  expect(await publishJournal(folder, store)).toMatchObject({ appVersion: expected, entries: 2 });
  expect((await store.published('checkout')).map(({ appVersion }) => appVersion)).toEqual([expected]);
});
