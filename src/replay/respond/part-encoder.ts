import { constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib';
import { contentCodings } from '../../http/index.js';

/** Codes a body part by part, so that its reader gets all of a part before the next one. */
export interface PartEncoder {
  encode(data: Buffer): Promise<Buffer>;
  /** What is left to say at the end. */
  end(): Promise<Buffer>;
}

/** Undefined: no coding, or one that cannot be made part by part. */
export function partEncoder(contentEncoding: string | undefined): PartEncoder | undefined {
  const [coding, ...others] = contentCodings(contentEncoding);
  if (coding === undefined || others.length > 0) return undefined;
  const stream = Object.hasOwn(streams, coding) ? streams[coding]?.() : undefined;
  if (stream === undefined) return undefined;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const taken = (): Buffer => Buffer.concat(chunks.splice(0));
  const flush = coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH;
  return {
    encode: (data) =>
      new Promise((resolve, reject) => {
        stream.once('error', reject);
        stream.write(data);
        stream.flush(flush, () => {
          stream.off('error', reject);
          resolve(taken());
        });
      }),
    end: () =>
      new Promise((resolve, reject) => {
        stream.once('error', reject);
        stream.once('end', () => resolve(taken()));
        stream.end();
      }),
  };
}

const streams: Readonly<Record<string, () => ReturnType<typeof createGzip | typeof createBrotliCompress>>> = {
  gzip: createGzip,
  'x-gzip': createGzip,
  deflate: createDeflate,
  br: createBrotliCompress,
};
