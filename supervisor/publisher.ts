import type { OperatedPublisher } from '../src/api/operated-stack.js';
import type { PublishRequest, PublishResult } from '../src/api/schemas.js';
import type { Logger } from '../src/core/logger.js';
import { messageOf, ProxyctlError, UsageError } from '../src/errors/index.js';
import { discardJournal, publishJournal, rejectJournal } from '../src/record/publish.js';
import { JournalReader } from '../src/record/journal-reader.js';
import { Learning } from '../src/replay/learn/learning.js';
import { openStore } from '../src/store/open-store.js';
import { outageText } from '../src/store/outage.js';
import { branchOf } from '../src/store/recording-key.js';
import type { DesiredSession, DesiredState } from './desired-state.js';
import type { EventLog } from './event-log.js';
import type { Reconciler } from './reconciler/reconciler.js';
import type { MitmWorkers } from './mitm-workers.js';

/** Exchanges that are still open get so long to end before the recording is closed over them. */
const idleLimitMs = 5000;

interface PublisherOptions {
  desired: DesiredState;
  mitm: MitmWorkers;
  logger: Logger;
  events: EventLog;
  reconciler: Reconciler;
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
    await this.#finish(session, idleLimitMs).catch((error: unknown) => {
      throw notPublished(error, { testId, journal, recordingId });
    });
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
        beganAfter: await session.beganAfter,
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
      if (error instanceof ProxyctlError && error.code === 'PROXYCTL_SECRETS_FOUND') throw error; // says it all
      throw notPublished(error, { testId, journal, recordingId });
    }
  }

  /**
   * Closes the journal where a MITM process has it open. That of one that is gone, or goes meanwhile, is there as far
   * as it came, with all that clients have seen end, and is published as incomplete.
   */
  async #finish(session: DesiredSession, limitMs: number): Promise<void> {
    const { mitm, reconciler, logger } = this.options;
    const { id } = session.spec;
    try {
      await reconciler.idle(); // a process that was started anew may be about to open the session
      const running = mitm.at(session.worker);
      if (running === undefined) return;
      const { process } = running;
      const { cut } = await process.whileAnswering(process.call('finishRecording', { id, limitMs }));
      if (cut > 0)
        logger.warn(`Recording of session ${id}: ${cut} exchanges were still open and are recorded as cut off`);
    } catch (error) {
      if (!(error instanceof ProxyctlError && ofLostProcess.has(error.code))) throw error;
      logger.warn(`Recording of session ${id}: it ends where its MITM process ended`, { error: error.message });
    }
  }
}

/** What ending a recording meets where its MITM process has ended, or was started again since. */
const ofLostProcess: ReadonlySet<string> = new Set(['PROXYCTL_CHILD', 'PROXYCTL_SESSION_NOT_FOUND', 'PROXYCTL_USAGE']);

async function isEmptyJournal(folder: string): Promise<boolean> {
  await using reader = await JournalReader.open(folder);
  for await (const _ of reader.entries()) return false;
  return true;
}

function notPublished(
  error: unknown,
  { testId, journal, recordingId }: { testId: string; journal: string; recordingId: string },
): ProxyctlError {
  const message = `The recording of "${testId}" was not published: ${messageOf(error)}`;
  return new ProxyctlError('PROXYCTL_NOT_PUBLISHED', message, {
    cause: error,
    hint: hintFor(error, journal, recordingId),
    data: { journal, recordingId },
  });
}

/** When the journal itself is what is wrong, pushing it again does not help. */
function hintFor(error: unknown, journal: string, recordingId: string): string {
  if (error instanceof ProxyctlError && error.code === 'PROXYCTL_JOURNAL' && error.hint !== undefined)
    return error.hint;
  return `It is whole in ${journal}. Once the cause is gone: proxyctl recordings push ${recordingId}`;
}
