import { expect, test } from 'vitest';
import { AsyncQueue } from '../../src/api/async-queue.js';

test('what has come is taken once, in order', async () => {
  const inbox = new AsyncQueue(['a']);
  inbox.put('b');
  expect(await inbox.arrival()).toBe(true);
  expect(inbox.takeAll()).toEqual(['a', 'b']);
  expect(inbox.size).toBe(0);
});

test('a wait ends with what comes, when it is told to, and with its limit', async () => {
  const inbox = new AsyncQueue<string>();
  const first = inbox.arrival();
  inbox.put('a');
  expect(await first).toBe(true);
  expect(inbox.takeAll()).toEqual(['a']);
  const second = inbox.arrival(60_000);
  inbox.wake();
  expect(await second).toBe(true);
  expect(await inbox.arrival(1)).toBe(false);
});
