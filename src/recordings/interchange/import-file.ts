import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { messageOf, ProxyctlError, systemCode } from '../../errors/index.js';
import type { HarRecordingInfo } from '../../har/har.js';
import { redactionInfo } from '../../har/redaction/index.js';
import { newRecordingId, type RecordingKey } from '../../store/recording-key.js';
import type { StoreOutage } from '../../store/outage.js';
import type { RecordingStore } from '../../store/recording-store.js';
import type { BodyRef } from '../../record/exchange-record.js';
import { Journal } from '../../record/journal.js';
import { publishJournal, discardJournal, type PublishedRecording } from '../../record/publish.js';
import { readHarFile, readHarZip } from './har-file.js';
import type { ImportedExchange } from './imported-exchange.js';
import { readMitmFile } from './mitm-file.js';

interface ImportOptions {
  key: RecordingKey;
  journalDir: string;
  store: RecordingStore;
  /** As in the config file; false: secrets stay. */
  redact?: HarRecordingInfo['redact'];
  signal?: AbortSignal;
  /** Told while the store is away and waited for. */
  onOutage?: (outage: StoreOutage) => void;
  /** Publish it also if secrets stand in it in the clear. */
  publishAnyway?: boolean;
}

interface ImportedRecording extends PublishedRecording {
  recordingId: string;
  format: ImportFormat;
  /** Answers whose body the file has not got. */
  lostBodies: number;
}

type ImportFormat = 'har' | 'har.zip' | 'mitm';

/** Each tells how the file says that it was redacted, if it says so. */
const readers: Record<ImportFormat, typeof readHarFile> = {
  har: readHarFile,
  'har.zip': readHarZip,
  mitm: readMitmFile,
};
/** Larger bodies lie beside the journal. */
const inlineBytes = 64 * 1024;

/**
 * Publishes another tool's traffic as a recording: through a journal, as if it had been recorded here, so that secrets
 * are replaced and nothing is half published. What an export has replaced already stays, and replays with the real
 * secret. Its time is that of its first exchange. Throws `PROXYCTL_RECORDING_CORRUPT` for a file that cannot be read.
 */
export async function importFile(path: string, options: ImportOptions): Promise<ImportedRecording> {
  const format = await formatOf(path);
  const read = (onExchange: (exchange: ImportedExchange) => void): Promise<unknown> =>
    readers[format](path, onExchange).catch((error: unknown) => {
      throw unreadable(path, format, error);
    });
  let earliest = Infinity;
  let [exchanges, lostBodies] = [0, 0];
  const told = redactionInfo.safeParse(
    await read(({ record, lost }) => {
      earliest = Math.min(earliest, record.startedAt);
      exchanges += 1;
      if (lost) lostBodies += 1;
    }),
  ).data;
  if (exchanges === 0) throw corrupt(path, 'it has no HTTP exchanges');
  const { key, journalDir, store, redact, signal, onOutage } = options;
  const { testId, appVersion, branch } = key;
  const recordedAt = new Date(earliest).toISOString();
  const recordingId = newRecordingId(earliest);
  const info: HarRecordingInfo = {
    formatVersion: 1,
    recordingId,
    testId,
    appVersion,
    ...(branch === undefined ? {} : { branch }),
    recordedAt,
    importedFrom: format,
    ...(redact === undefined ? {} : { redact }),
    ...(told === undefined ? {} : { redaction: told }),
  };
  const folder = join(journalDir, recordingId);
  const journal = await Journal.open({ folder, info, store: store.url });
  try {
    await read((exchange) => append(journal, exchange));
    await journal.finish();
  } catch (error) {
    await journal.close();
    await discardJournal(folder);
    throw error;
  }
  const published = await publishJournal(folder, store, {
    ...(signal === undefined ? {} : { signal }),
    ...(onOutage === undefined ? {} : { onOutage }),
    publishAnyway: options.publishAnyway === true,
  });
  return { ...published, recordingId, format, lostBodies };
}

function append(journal: Journal, { record, request, response }: ImportedExchange): void {
  const inline: Buffer[] = [];
  const place = (body: Buffer): { body?: BodyRef } => {
    if (body.length === 0) return {};
    if (body.length <= inlineBytes) {
      inline.push(body);
      return { body: { size: body.length, at: 'inline' } };
    }
    const file = `body-${record.index}-${randomBytes(4).toString('hex')}.bin`;
    writeFileSync(join(journal.folder, file), body, { mode: 0o600 });
    return { body: { size: body.length, at: { file }, crc: crc32(body) } };
  };
  const sent = { ...record.request, ...place(request) };
  const answered = record.response === undefined ? {} : { response: { ...record.response, ...place(response) } };
  journal.append({ ...record, request: sent, ...answered }, inline, () => undefined);
}

/** By its first bytes. */
async function formatOf(path: string): Promise<ImportFormat> {
  const start = Buffer.alloc(16);
  try {
    const file = await open(path, 'r');
    try {
      await file.read(start, 0, start.length, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, 'har', error);
  }
  if (start.subarray(0, 2).toString('latin1') === 'PK') return 'har.zip';
  return /^\d{1,10}:/.test(start.toString('latin1')) ? 'mitm' : 'har';
}

const names: Record<ImportFormat, string> = {
  har: 'HAR',
  'har.zip': 'ZIP archive with a HAR',
  mitm: 'dump of mitmproxy',
};

function unreadable(path: string, format: ImportFormat, error: unknown): unknown {
  if (error instanceof ProxyctlError) return error;
  if (systemCode(error) === 'ENOENT') {
    return new ProxyctlError('PROXYCTL_NOT_FOUND', `There is no file ${path}`, { cause: error, data: { path } });
  }
  if (error instanceof SyntaxError || systemCode(error) !== undefined) {
    return corrupt(path, `it cannot be read as a ${names[format]}: ${messageOf(error)}`, error);
  }
  return error;
}

function corrupt(path: string, why: string, cause?: unknown): ProxyctlError {
  return new ProxyctlError('PROXYCTL_RECORDING_CORRUPT', `${path} cannot be imported: ${why}`, {
    hint: 'It must be a HAR (Chrome, Firefox, Charles, mitmproxy and others export it), a ZIP archive of Playwright’s, or what mitmdump -w wrote.',
    cause,
    data: { path },
  });
}
