import { join } from 'node:path';
import type { RecordedExchange } from '../../src/http/index.js';
import { publishJournal } from '../../src/record/publish.js';
import type { Replayer } from '../../src/replay/contract.js';
import { createReplayer } from '../../src/replay/replayer.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import { startProxy, type TestProxy, type TestProxyOptions } from './engine.js';
import { recordingInfo, startRecording } from './recording.js';
import { tempFolder } from './temp-folder.js';

export interface RecordingProxy extends TestProxy {
  /** Ends the recording, and opens a proxy that replays it, with nothing behind it. */
  replay(): Promise<ReplayingProxy>;
}

export interface ReplayingProxy extends TestProxy {
  recorded: RecordedExchange[];
  replayer: Replayer;
}

/** A proxy that records into a store of its own, and then one that replays what was published there. */
export async function startRecordingProxy(options: TestProxyOptions = {}): Promise<RecordingProxy> {
  const root = await tempFolder();
  const { recorder, folder, info } = await startRecording(join(root, 'journal'), recordingInfo());
  const proxy = await startProxy({ ...options, interceptors: [recorder.interceptor] });
  return {
    ...proxy,
    replay: async () => {
      await recorder.idle(2000);
      await recorder.close();
      await proxy.close();
      const store = folderStore(join(root, 'store'));
      await publishJournal(folder, store);
      const { testId, appVersion, recordingId } = info;
      const recording = await openRecording(store, { testId, appVersion, recordingId });
      const replayer = createReplayer({ recording, clock: { now: () => Date.now() } });
      const replaying = await startProxy({ interceptors: [replayer.interceptor] });
      return { ...replaying, recorded: recording.entries.map((_, at) => recording.exchanges.get(at)), replayer };
    },
  };
}
