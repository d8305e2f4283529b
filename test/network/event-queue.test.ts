import { expect, test } from 'vitest';
import { EventQueue } from '../../src/network/event-queue.js';
import { Timer } from '../../src/network/timer.js';
import { seeded } from '../helpers/seeded.js';

test('events run in the order of their times, and those of one time in the order in which they were asked for', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = seeded(seed);
    const events = new EventQueue();
    const ran: { time: number; order: number }[] = [];
    const asked = Array.from({ length: 300 }, (_, order) => ({ time: Math.floor(random() * 40), order }));
    for (const event of asked) events.at(event.time, (argument) => ran.push(argument), event);
    events.advanceTo(40);
    expect(ran, `seed ${seed}`).toEqual(asked.toSorted((a, b) => a.time - b.time || a.order - b.order));
  }
});

test('an event sees its own time, however late it is run', () => {
  const events = new EventQueue(100);
  const times: number[] = [];
  const note = (again: number): void => {
    times.push(events.now);
    if (again > 0) events.at(events.now + 10, note, again - 1);
  };
  events.at(105.5, note, 2);
  events.advanceTo(500);
  expect(times).toEqual([105.5, 115.5, 125.5]);
  expect(events.now).toBe(500);
});

test('what is due later stays', () => {
  const events = new EventQueue();
  const ran: number[] = [];
  for (const time of [3, 1, 2]) events.at(time, (argument) => ran.push(argument), time);
  events.advanceTo(2);
  expect(ran).toEqual([1, 2]);
  expect(events.next).toBe(3);
  expect(events.step()).toBe(true);
  expect(events.step()).toBe(false);
  expect(events.next).toBe(Infinity);
});

test('a timer fires once, at the time that was set last', () => {
  const events = new EventQueue();
  const fired: number[] = [];
  const timer = new Timer(events, () => fired.push(events.now));
  timer.set(10);
  timer.set(30); // later
  timer.set(20); // earlier, but after the first
  events.advanceTo(100);
  expect(fired).toEqual([20]);
  expect(timer.isSet).toBe(false);
  timer.set(110);
  timer.set(105);
  events.advanceTo(200);
  expect(fired).toEqual([20, 105]);
});

test('a timer that was cancelled or disposed of does not fire', () => {
  const events = new EventQueue();
  let fired = 0;
  const cancelled = new Timer(events, () => (fired += 1));
  const disposed = new Timer(events, () => (fired += 1));
  cancelled.set(5);
  cancelled.cancel();
  disposed.set(5);
  disposed.dispose();
  events.advanceTo(10);
  expect(fired).toBe(0);
  cancelled.set(20);
  events.advanceTo(30);
  expect(fired).toBe(1);
});
