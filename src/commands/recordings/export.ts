import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { removeFile } from '../../core/atomic-file.js';
import { diskFailure } from '../../core/disk-failure.js';
import { ProxyctlError } from '../../errors/index.js';
import type { Recording } from '../../store/recording.js';
import { defineCommand } from '../shared/define-command.js';
import { count } from '../shared/record-test.js';
import { choiceOptions, recordingOptions } from '../shared/session-options.js';
import { text } from '../shared/values.js';
import { chosenRecording } from './chosen-recording.js';
import { openChosenStore, storeOption, testIdArgument } from './store-option.js';

const formats = ['har', 'har.zip', 'mitm', 'openapi'] as const;
type Format = (typeof formats)[number];

export const recordingsExport = defineCommand({
  name: 'recordings export',
  summary: 'Write a recording to a file that other tools read',
  description:
    'har: HAR 1.2 with all bodies in it (Chrome, Playwright’s routeFromHAR, Charles). har.zip: the same as Playwright attaches bodies. mitm: flows for mitmproxy -r. openapi: the API as this recording shows it, an OpenAPI 3.1 document. Without a file it goes to stdout.',
  examples: [
    'recordings export checkout checkout.har',
    'recordings export checkout checkout.har.zip --format har.zip',
    'recordings export checkout checkout.mitm --format mitm',
    'recordings export checkout --format openapi --only-host api.example.com > openapi.json',
  ],
  args: z.object({
    testId: testIdArgument,
    file: text.optional().meta({ description: 'File to write', defaultText: 'stdout', placeholder: 'file' }),
  }),
  options: z.object({
    format: z.enum(formats).default('har').meta({ description: 'Form of the file' }),
    appVersion: recordingOptions.appVersion,
    branch: recordingOptions.branch,
    ...choiceOptions,
    onlyHost: text.optional().meta({ description: 'With openapi: calls to this host only', placeholder: 'host' }),
    store: storeOption,
  }),
  async run({ args: { testId, file }, options, output }) {
    const { openRecording } = await import('../../store/open-recording.js');
    await using store = await openChosenStore(options.store);
    const { ref } = await chosenRecording(store, testId, options);
    const recording = await openRecording(store, ref);
    const content = await contentOf(recording, options.format, options.onlyHost);
    if (file === undefined) {
      for await (const chunk of content as AsyncIterable<Buffer>) output.raw(chunk);
      return;
    }
    await writeWhole(file, content);
    const entries = recording.entries.length;
    output.note(`Wrote ${count(entries, 'exchange')} of recording ${ref.recordingId} to ${file} (${options.format})`);
  },
});

async function contentOf(recording: Recording, format: Format, host: string | undefined): Promise<Readable> {
  switch (format) {
    case 'har':
      return (await import('../../recordings/interchange/export-har.js')).exportHar(recording);
    case 'har.zip':
      return binary((await import('../../recordings/interchange/export-har.js')).exportHarZip(recording));
    case 'mitm':
      return binary((await import('../../recordings/interchange/export-mitm.js')).exportMitm(recording));
    case 'openapi': {
      const { exportOpenapi } = await import('../../recordings/interchange/export-openapi.js');
      return Readable.from([Buffer.from(`${JSON.stringify(await exportOpenapi(recording, host), null, 2)}\n`)]);
    }
  }
}

function binary(pieces: AsyncIterable<Buffer>): Readable {
  return Readable.from(pieces, { objectMode: false });
}

/** The whole file or none. */
async function writeWhole(file: string, content: Readable): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(content, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await removeFile(part).catch(() => undefined);
    if (error instanceof ProxyctlError) throw error;
    const { reason, hint, code } = diskFailure(error);
    if (code === undefined) throw error;
    throw new ProxyctlError('PROXYCTL_STORE', `${file} cannot be written: ${reason}`, {
      hint,
      cause: error,
      data: { file },
    });
  }
}
