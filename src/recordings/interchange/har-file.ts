import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fromHarEntry } from '../../har/from-har-entry.js';
import type { HarContent, HarEntry, HarPostData } from '../../har/har.js';
import { readHar } from '../../har/har-reader.js';
import { importedExchange, type ImportedExchange } from './imported-exchange.js';

/** Bodies that stand in files of their own, by the name that `_file` says; undefined: not there. */
type Attached = (name: string) => Promise<Buffer | undefined>;

/**
 * The exchanges of a HAR, whoever made it. Bodies that it names by `_file` lie beside it. Resolves with how it says
 * that it was redacted.
 */
export async function readHarFile(path: string, onExchange: (exchange: ImportedExchange) => void): Promise<unknown> {
  return read(createReadStream(path), path, besides(path), onExchange);
}

/**
 * The same of an archive as Playwright makes it: one `*.har`, and bodies by their names. Throws `SyntaxError` for one
 * without a HAR.
 */
export async function readHarZip(path: string, onExchange: (exchange: ImportedExchange) => void): Promise<unknown> {
  const { ZipArchive } = await import('./zip-archive.js');
  await using archive = await ZipArchive.open(path);
  const name = archive.names().find((each) => each.endsWith('.har'));
  const har = name === undefined ? undefined : await archive.stream(name);
  if (har === undefined) throw new SyntaxError('there is no .har in it');
  const folder = name?.includes('/') === true ? `${dirname(name)}/` : '';
  return await read(har, `${path} (${name})`, (file) => archive.read(folder + file), onExchange);
}

async function read(
  source: Readable,
  name: string,
  attached: Attached,
  onExchange: (exchange: ImportedExchange) => void,
): Promise<unknown> {
  let index = 0;
  /** What has come of the HAR is taken over before more of it is read. */
  let taken = Promise.resolve();
  const take = async (entry: HarEntry, position: number): Promise<void> => {
    if (!/^(https?|wss?):/i.test(entry.request.url)) return; // data:, blob:, chrome-extension:
    onExchange(await exchangeOf(entry, position, index, attached));
    index += 1;
  };
  async function* paced(): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      yield chunk;
      await taken;
    }
  }
  const head = await readHar(Readable.from(paced()), {
    name,
    hint: 'Export it once more from the tool that made it.',
    onEntry: (entry, position) => {
      taken = taken.then(() => take(entry, position));
      taken.catch(() => undefined); // thrown where it is awaited
    },
  });
  await taken;
  return head._proxyctl?.redaction;
}

async function exchangeOf(
  entry: HarEntry,
  position: number,
  index: number,
  attached: Attached,
): Promise<ImportedExchange> {
  const { postData } = entry.request;
  const { content } = entry.response;
  const request = (await bodyOf(postData, attached)) ?? formOf(postData);
  const response = await bodyOf(content, attached);
  const lost = response === undefined && content.size > 0 && entry.response.status !== 304;
  const exchange = fromHarEntry(entry, position);
  const decoded = exchange.response === undefined ? {} : { response: { ...exchange.response, decoded: true } };
  return importedExchange({ ...exchange, ...decoded }, index, {
    request: request ?? Buffer.alloc(0),
    response: response ?? Buffer.alloc(0),
    lost,
  });
}

async function bodyOf(content: HarPostData | HarContent | undefined, attached: Attached): Promise<Buffer | undefined> {
  if (content?._file !== undefined) return attached(content._file);
  if (content?.text === undefined || content.text === '') return undefined;
  return Buffer.from(content.text, content.encoding === 'base64' ? 'base64' : 'utf8');
}

/** Some tools list the fields of a form and leave out its text. */
function formOf(content: HarPostData | undefined): Buffer | undefined {
  const { params = [], mimeType = '' } = content ?? {};
  if (params.length === 0 || !mimeType.includes('urlencoded')) return undefined;
  return Buffer.from(new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value])).toString());
}

/** A name from a file must not lead anywhere else. */
function besides(path: string): Attached {
  return async (name) => {
    if (!/^[\w-][\w.-]*$/.test(name)) return undefined;
    return readFile(join(dirname(path), name)).catch(() => undefined);
  };
}
