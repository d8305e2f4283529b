import { access } from 'node:fs/promises';
import type { Check } from '../check.js';

/** Where Linux distributions and Homebrew put libfaketime. */
const places = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib64/faketime/libfaketime.so.1',
  '/usr/lib/faketime/libfaketime.so.1',
  '/usr/local/lib/faketime/libfaketime.so.1',
  '/opt/homebrew/lib/faketime/libfaketime.1.dylib',
  '/usr/local/lib/faketime/libfaketime.1.dylib',
];

/** libfaketime gives a command the clock of the recording. */
export const faketime: Check = {
  name: 'libfaketime',
  async run() {
    for (const path of places) {
      const there = await access(path).then(
        () => true,
        () => false,
      );
      if (there) return { status: 'ok', detail: path };
    }
    return { status: 'ok', detail: 'not installed; only needed to freeze the clock of a command in replay' };
  },
};
