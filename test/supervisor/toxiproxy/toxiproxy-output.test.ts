import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LogEntry } from '../../../src/core/logger.js';
import { ToxiproxyOutput } from '../../../supervisor/toxiproxy/toxiproxy-output.js';

const line = (message: string): string => `${JSON.stringify({ level: 'warn', message })}\n`;

function listening(): {
  stdout: PassThrough;
  output: ToxiproxyOutput;
  heard: LogEntry[];
  told: (count: number) => Promise<void>;
} {
  const stdout = new PassThrough();
  const heard: LogEntry[] = [];
  const output = new ToxiproxyOutput({ stdout, stderr: new PassThrough() }, (entry) => heard.push(entry));
  const told = async (count: number): Promise<void> => {
    while (heard.length < count) await delay(5);
  };
  return { stdout, output, heard, told };
}

test('every line that tells something is heard, in order, however it is cut into chunks, up to the last before the end', async () => {
  const { stdout, output, heard, told } = listening();
  for (let i = 0; i < 500; i += 1) {
    stdout.write(line('Source terminated'));
    stdout.write(line(`one ${i}`).slice(0, 20));
    stdout.write(line(`one ${i}`).slice(20));
  }
  stdout.end(line('the last'));
  await told(501);
  expect(heard.map(({ message }) => message)).toEqual([
    ...Array.from({ length: 500 }, (_, i) => `one ${i}`),
    'the last',
  ]);
  expect(output.tail).toBe('one 498 / one 499 / the last');
});

test('a listener that cannot be opened is known by its reason', async () => {
  const { stdout, output } = listening();
  stdout.write(
    '{"level":"error","error":"listen tcp 127.0.0.1:1: bind: permission denied","message":"Server finished"}\n',
  );
  await expect(output.listenFailure).resolves.toBe('listen tcp 127.0.0.1:1: bind: permission denied');
});
