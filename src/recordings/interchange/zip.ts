import { Readable } from 'node:stream';
import { ZipFile as Writer } from 'yazl';

/** A file within a ZIP archive. What comes piece by piece is never all in memory. */
export interface ZipFile {
  name: string;
  data: Buffer | AsyncIterable<Buffer>;
}

/** 1 January 1980, the first day that ZIP knows: the same bytes for the same content. */
const options = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };

/** An archive of any size (with the 64-bit extension where it needs that), one file under way at a time. */
export async function* writeZip(
  files: AsyncIterable<ZipFile> | Iterable<ZipFile>,
): AsyncGenerator<Buffer, void, undefined> {
  const writer = new Writer();
  const output = writer.outputStream as Readable;
  writer.on('error', (error: Error) => output.destroy(error));
  const filled = fill(writer, files).catch((error: Error) => void output.destroy(error));
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    output.destroy(); // whoever reads has gone: no further file is begun
    await filled;
  }
}

async function fill(writer: Writer, files: AsyncIterable<ZipFile> | Iterable<ZipFile>): Promise<void> {
  const output = writer.outputStream as Readable;
  for await (const { name, data } of files) {
    if (output.destroyed) return;
    await new Promise<void>((resolve, reject) => {
      output.once('close', resolve);
      writer.addReadStreamLazy(name, options, (begin) => {
        const content = Readable.from(Buffer.isBuffer(data) ? [data] : data, { objectMode: false });
        content.once('end', () => {
          output.off('close', resolve);
          resolve();
        });
        content.once('error', reject);
        begin(null, content);
      });
    });
  }
  writer.end();
}
