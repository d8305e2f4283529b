import { formatBytes, formatDuration } from '../../core/units.js';
import { incompleteOf, withoutArguments } from '../../har/recording-info.js';
import type { HarEntry, HarNameValue } from '../../har/har.js';
import type { StoredBody } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import { fields, table } from '../shared/table.js';

/** More of a body than this is not shown. */
const maxShownBytes = 64 * 1024;

/** What a recording says of itself, and its exchanges, a line each. */
export function renderRecording({ info, entries }: Recording): string {
  const head = fields([
    ['test', info.testId],
    ['app version', info.appVersion],
    ['branch', info.branch],
    ['recording', info.recordingId],
    ['recorded', info.recordedAt],
    ['incomplete', incompleteOf(info)?.reason],
    ['command', withoutArguments(info).command?.[0]],
  ]);
  const rows = entries.map((entry, place) => [
    String(entry._proxyctl?.index ?? place),
    entry.request.method,
    entry._error === undefined ? String(entry.response.status) : 'error',
    sizeText(entry.response.content.size),
    formatDuration(Math.max(0, entry.time)),
    entry.request.url,
    entry._error ?? '',
  ]);
  const list = table(['#', 'METHOD', 'STATUS', 'SIZE', 'TIME', 'URL', ''], rows);
  return `${head}\n\n${list === '' ? 'It has no exchanges.' : list}`;
}

/** One exchange as it went over the wire, JSON bodies laid out. */
export async function renderEntry(
  recording: Recording,
  { request, response, _error, time }: HarEntry,
): Promise<string> {
  const sent = await bodyText(recording, request.postData, request.headers);
  const received = await bodyText(recording, response.content, response.headers);
  const answer =
    _error === undefined
      ? `${response.httpVersion} ${response.status} ${response.statusText}`.trimEnd()
      : `no answer: ${_error}`;
  const parts = [
    `${request.method} ${request.url} ${request.httpVersion}`,
    headerLines(request.headers),
    sent,
    `${answer}  (${formatDuration(Math.max(0, time))})`,
    headerLines(response.headers),
    received,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function headerLines(headers: readonly HarNameValue[]): string {
  return headers.map(({ name, value }) => `${name}: ${value}`).join('\n');
}

async function bodyText(
  recording: Recording,
  content: StoredBody | undefined,
  headers: readonly HarNameValue[],
): Promise<string> {
  const bytes = await recording.body(content);
  if (bytes.length === 0) return '';
  const encoding = headers.find(({ name }) => name.toLowerCase() === 'content-encoding')?.value;
  const decoded = await decode(bytes, encoding);
  if (decoded === undefined) return `(${formatBytes(bytes.length)}, ${encoding})`;
  if (decoded.subarray(0, 4096).includes(0)) return `(${formatBytes(decoded.length)} of binary data)`;
  const text = decoded.subarray(0, maxShownBytes).toString('utf8');
  if (decoded.length > maxShownBytes) return `${text}\n… (${formatBytes(decoded.length)} in all)`;
  return pretty(text);
}

async function decode(bytes: Buffer, encoding: string | undefined): Promise<Buffer | undefined> {
  const { brotliDecompressSync, gunzipSync, inflateSync } = await import('node:zlib');
  const decoders: Record<string, (data: Buffer) => Buffer> = {
    identity: (data) => data,
    gzip: gunzipSync,
    br: brotliDecompressSync,
    deflate: inflateSync,
  };
  try {
    return decoders[encoding?.toLowerCase() ?? 'identity']?.(bytes);
  } catch {
    return undefined;
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.trimEnd();
  }
}

function sizeText(size: number): string {
  return size < 0 ? '-' : formatBytes(size);
}
