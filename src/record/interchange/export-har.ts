import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { fromHarEntry } from '../../har/from-har-entry.js';
import type { HarContent, HarEntry } from '../../har/har.js';
import { recordingHead, writeHar } from '../../har/har-writer.js';
import { decodeContent, header } from '../../http/index.js';
import type { Recording } from '../../store/recording.js';
import { writeZip, type ZipFile } from './zip.js';

/** A recording as one HAR with all bodies in it, whatever their size; one entry in memory at a time. */
export function exportHar(recording: Recording): Readable {
  return writeHar(recordingHead(recording.info), wholeEntries(recording));
}

async function* wholeEntries(recording: Recording): AsyncGenerator<HarEntry, void, undefined> {
  for (const entry of recording.entries) yield await wholeEntry(recording, entry);
}

async function wholeEntry(recording: Recording, entry: HarEntry): Promise<HarEntry> {
  const { request, response } = entry;
  const { postData } = request;
  return {
    ...entry,
    request: {
      ...request,
      ...(postData === undefined
        ? {}
        : { postData: { ...postData, ...inline(await recording.body(postData)), comment: undefined } }),
    },
    response: {
      ...response,
      content: { ...response.content, ...inline(await decodedBody(recording, entry)), comment: undefined },
    },
  };
}

/** The answer's body with its content coding undone, as HAR wants it; as it was sent where that cannot be. */
export async function decodedBody(recording: Recording, entry: HarEntry): Promise<Buffer> {
  const wire = await recording.body(entry.response.content);
  const { response } = fromHarEntry(entry);
  if (response === undefined || response.decoded) return wire;
  return decodeContent(wire, header(response.headers, 'content-encoding')) ?? wire;
}

function inline(bytes: Buffer): Pick<HarContent, 'text' | 'encoding' | 'size'> {
  if (isUtf8(bytes) && !bytes.includes(0)) return { text: bytes.toString('utf8'), size: bytes.length };
  return { text: bytes.toString('base64'), encoding: 'base64', size: bytes.length };
}

/** The same as a ZIP archive in Playwright's form: `har.har`, and each body as a file of its own that the HAR names by `_file`. */
export async function* exportHarZip(recording: Recording): AsyncGenerator<Buffer, void, undefined> {
  const files = new Map<string, Buffer>();
  const entries: HarEntry[] = [];
  for (const entry of recording.entries) {
    const body = await decodedBody(recording, entry);
    const { request, response } = await wholeEntry(recording, entry);
    const { text: _text, encoding: _encoding, comment: _comment, ...content } = response.content;
    const file =
      body.length === 0
        ? undefined
        : `${createHash('sha1').update(body).digest('hex')}.${extensionOf(content.mimeType)}`;
    if (file !== undefined) files.set(file, body);
    entries.push({
      ...entry,
      request,
      response: { ...response, content: { ...content, ...(file === undefined ? {} : { _file: file }) } },
    });
  }
  const har = Buffer.concat((await writeHar(recordingHead(recording.info), entries).toArray()) as Buffer[]);
  const all: ZipFile[] = [{ name: 'har.har', data: har }, ...Array.from(files, ([name, data]) => ({ name, data }))];
  yield* writeZip(all);
}

function extensionOf(mimeType: string): string {
  return (
    /^[\w.-]+\/(?:[\w.-]+\+)?(json|xml|html|css|javascript|png|jpeg|gif|svg|webp|plain)\b/.exec(mimeType)?.[1] ?? 'dat'
  );
}
