import type { OperatedPublisher } from '../src/api/operated-stack.js';
import type { PublishRequest, PublishResult } from '../src/api/schemas.js';
import type { Logger } from '../src/core/logger.js';
import { messageOf, ProxyctlError, UsageError } from '../src/errors/index.js';
import { discardJournal, publishJournal, rejectJournal } from '../src/record/publish.js';
import { readJournalMeta } from '../src/record/journal-folder.js';
import { Learning } from '../src/replay/learn/learning.js';
import { openStore } from '../src/store/open-store.js';
import { outageText } from '../src/store/outage.js';
import { branchOf } from '../src/store/recording-key.js';
import type { DesiredSession, DesiredState } from './desired-state.js';
import type { EventLog } from './event-log.js';
import type { MitmWorkers } from './mitm-workers.js';

/** Exchanges that are still open get so long to end before the recording is closed over them. */
const idleLimitMs = 5000;

interface PublisherOptions {
  desired: DesiredState;
  mitm: MitmWorkers;
  logger: Logger;
  events: EventLog;
}

/** Ends recordings: closes the journal in the MITM process, then publishes it to its store or keeps it aside. */
export class Publisher implements OperatedPublisher {
  constructor(readonly options: PublisherOptions) {}

  /** `signal`: leaves it in its journal, to be pushed later. */
  async end(id: string, { verdict, reason }: PublishRequest, signal?: AbortSignal): Promise<PublishResult> {
    const session = this.options.desired.session(id);
    const { spec } = session;
    const { journal, store, testId, appVersion, recordingId } = spec;
    if (
      !session.recordingOpen ||
      journal === undefined ||
      store === undefined ||
      testId === undefined ||
      appVersion === undefined ||
      recordingId === undefined
    ) {
      throw new UsageError(`Session ${id} is not recording${spec.mode === 'record' ? ' any more' : ''}`);
    }
    session.recordingOpen = false;
    await this.#finish(session, idleLimitMs);
    const result = { testId, appVersion, ...branchOf(spec.branch), recordingId, store };
    if (verdict === 'reject') {
      const { entries } = await rejectJournal(journal, reason ?? 'Rejected');
      return { ...result, published: false, entries, bodies: 0, bodyBytes: 0, journal, reason: reason ?? 'Rejected' };
    }
    if (spec.recording !== undefined && (await isEmptyJournal(journal))) {
      await discardJournal(journal);
      const nothing = { entries: 0, bodies: 0, bodyBytes: 0, reason: 'All requests were in the recording' };
      return { ...result, published: false, ...nothing };
    }
    try {
      await using opened = await openStore(store);
      // A MITM process that died has left its journal unfinished, with all that clients have seen end in it: the
      // verdict is known here.
      const learning = new Learning();
      const { rulesFor } = learning;
      const { superseded, ...published } = await publishJournal(journal, opened, {
        unfinished: true,
        rulesFor,
        ...(signal === undefined ? {} : { signal }),
        onOutage: (outage) => {
          const message = outageText(outage);
          this.options.logger.warn(message, { session: id });
          this.options.events.add(id, { type: 'warning', message });
        },
      });
      return {
        ...result,
        published: true,
        ...published,
        rules: learning.result,
        ...(superseded === undefined ? {} : { reason: superseded }),
      };
    } catch (error) {
      this.options.logger.error(`The recording of ${testId} was not published`, { journal, error: messageOf(error) });
      throw new ProxyctlError(
        'PROXYCTL_NOT_PUBLISHED',
        `The recording of "${testId}" was not published: ${messageOf(error)}`,
        {
          cause: error,
          hint: hintFor(error, journal),
          data: { journal, recordingId },
        },
      );
    }
  }

  /** A journal of a MITM process that is gone is closed already, as far as it came. */
  async #finish({ spec, worker }: DesiredSession, limitMs: number): Promise<void> {
    const mitm = this.options.mitm.at(worker);
    if (mitm === undefined) return;
    const { cut } = await mitm.process.whileAnswering(mitm.process.call('finishRecording', { id: spec.id, limitMs }));
    if (cut > 0)
      this.options.logger.warn(
        `Recording of session ${spec.id}: ${cut} exchanges were still open and are recorded as cut off`,
      );
  }
}

async function isEmptyJournal(folder: string): Promise<boolean> {
  return (await readJournalMeta(folder))?.entries === 0;
}

/** When the journal itself is what is wrong, pushing it again does not help. */
function hintFor(error: unknown, journal: string): string {
  if (error instanceof ProxyctlError && error.code === 'PROXYCTL_JOURNAL' && error.hint !== undefined)
    return error.hint;
  return `It is whole in ${journal}. Once the cause is gone: proxyctl recordings push`;
}
