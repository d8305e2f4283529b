import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Reads lines up to one that fits, and returns them all. Throws when the stream ends before. Leaves the stream flowing.
 */
export async function untilPrinted(stream: Readable, fits: (line: string) => boolean): Promise<string[]> {
  const lines: string[] = [];
  const reader = createInterface({ input: stream });
  reader.on('line', (line) => {
    lines.push(line);
    if (fits(line)) reader.emit('found');
  });
  const found = once(reader, 'found').then(() => true);
  const ended = once(reader, 'close').then(() => false);
  if (await Promise.race([found, ended])) return lines;
  throw new Error(`The stream ended before the line that was waited for:\n${lines.join('\n')}`);
}
