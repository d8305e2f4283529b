import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { HarContent, HarEntry } from '../../har/har.js';
import { recordingHead, writeHar } from '../../har/har-writer.js';
import { decodeContent, header, type RecordedResponse } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import { writeZip, type ZipFile } from './zip.js';

/** A recording as one HAR with all bodies in it, whatever their size; one entry in memory at a time. */
export function exportHar(recording: Recording): Readable {
  return writeHar(recordingHead(recording.info), wholeEntries(recording));
}

async function* wholeEntries(recording: Recording): AsyncGenerator<HarEntry, void, undefined> {
  for (const [position, entry] of recording.entries.entries()) yield await wholeEntry(recording, entry, position);
}

async function wholeEntry(recording: Recording, entry: HarEntry, position: number): Promise<HarEntry> {
  const { response } = entry;
  const body = await decodedBody(recording, recording.exchanges.get(position).response);
  return {
    ...(await wholeRequest(recording, entry)),
    response: {
      ...response,
      content: { ...response.content, ...inline(body), comment: undefined },
    },
  };
}

async function wholeRequest(recording: Recording, entry: HarEntry): Promise<HarEntry> {
  const { postData } = entry.request;
  if (postData === undefined) return entry;
  const whole = { ...postData, ...inline(await recording.body(postData)), comment: undefined };
  return { ...entry, request: { ...entry.request, postData: whole } };
}

/** The response's body with its content coding undone, as HAR wants it; as it was sent where that cannot be. */
export async function decodedBody(recording: Recording, response: RecordedResponse | undefined): Promise<Buffer> {
  const wire = await recording.body(response?.body);
  if (response === undefined || response.decoded) return wire;
  return decodeContent(wire, header(response.headers, 'content-encoding')) ?? wire;
}

function inline(bytes: Buffer): Pick<HarContent, 'text' | 'encoding' | 'size'> {
  if (isUtf8(bytes) && !bytes.includes(0)) return { text: bytes.toString('utf8'), size: bytes.length };
  return { text: bytes.toString('base64'), encoding: 'base64', size: bytes.length };
}

/**
 * The same as a ZIP archive in Playwright's form: each body as a file of its own that the HAR names by `_file`, then
 * `har.har`. One body in memory at a time; those that go into the HAR as well (of requests) are read once more for it.
 */
export function exportHarZip(recording: Recording): AsyncGenerator<Buffer, void, undefined> {
  return writeZip(zipFiles(recording));
}

async function* zipFiles(recording: Recording): AsyncGenerator<ZipFile, void, undefined> {
  const written = new Set<string>();
  /** By position. */
  const files: (string | undefined)[] = [];
  const sizes: number[] = [];
  for (const [position, entry] of recording.entries.entries()) {
    const data = await decodedBody(recording, recording.exchanges.get(position).response);
    const digest = createHash('sha1').update(data).digest('hex');
    const name = data.length === 0 ? undefined : `${digest}.${extensionOf(entry.response.content.mimeType)}`;
    files.push(name);
    sizes.push(data.length);
    if (name === undefined || written.has(name)) continue;
    written.add(name);
    yield { name, data };
  }
  async function* entries(): AsyncGenerator<HarEntry, void, undefined> {
    for (const [position, entry] of recording.entries.entries()) {
      const { text: _text, encoding: _encoding, comment: _comment, ...content } = entry.response.content;
      const file = files[position];
      const attached = { ...content, size: sizes[position] ?? 0, ...(file === undefined ? {} : { _file: file }) };
      const { request } = await wholeRequest(recording, entry);
      yield { ...entry, request, response: { ...entry.response, content: attached } };
    }
  }
  yield { name: 'har.har', data: writeHar(recordingHead(recording.info), entries()) };
}

function extensionOf(mimeType: string): string {
  return (
    /^[\w.-]+\/(?:[\w.-]+\+)?(json|xml|html|css|javascript|png|jpeg|gif|svg|webp|plain)\b/.exec(mimeType)?.[1] ?? 'dat'
  );
}
