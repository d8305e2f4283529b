import { expect, test, vi } from 'vitest';
import { LiveStore } from '../../src/tui/live-store.js';
import type { Effect } from '../../src/tui/live-model.js';
import { requestEvent, sampleStatus, start } from './samples.js';

function openStore() {
  const effects: Effect[] = [];
  const store = new LiveStore({ columns: 80, rows: 24 }, (effect) => effects.push(effect), { now: () => start });
  let draws = 0;
  store.subscribe(() => (draws += 1));
  return { store, effects, draws: () => draws };
}

test('two thousand events a second are drawn at most ten times a second', () => {
  vi.useFakeTimers();
  try {
    const { store, draws } = openStore();
    for (let ms = 0; ms < 1000; ms += 5) {
      for (let index = 0; index < 10; index += 1) store.event(requestEvent(`e${ms}-${index}`));
      vi.advanceTimersByTime(5);
    }
    expect(draws()).toBeGreaterThanOrEqual(5);
    expect(draws()).toBeLessThanOrEqual(10);
    vi.advanceTimersByTime(1000);
    expect(store.state().nextKey).toBe(2000);
    store.close();
  } finally {
    vi.useRealTimers();
  }
});

test('a key is drawn at once', () => {
  const { store, draws } = openStore();
  store.press({ name: 'text', text: '?' });
  expect(draws()).toBe(1);
  expect(store.state().help).toBe(true);
  store.close();
});

test('with nothing new nothing is drawn', () => {
  vi.useFakeTimers();
  try {
    const { store, draws } = openStore();
    store.dispatch({ type: 'status', status: sampleStatus(), now: start });
    vi.advanceTimersByTime(10_000);
    expect(draws()).toBe(1);
    store.close();
  } finally {
    vi.useRealTimers();
  }
});

test('events that come while nothing can be drawn are bounded, and it is told how many were left out', () => {
  const { store } = openStore();
  for (let index = 0; index < 25_000; index += 1) store.event(requestEvent(`e${index}`));
  store.press({ name: 'end' });
  expect(store.state().nextKey).toBeLessThanOrEqual(10_001);
  const skipped = Number.parseInt(store.state().rows.at(-1)?.path ?? '', 10);
  expect(store.state().nextKey - 1 + skipped).toBe(25_000);
  store.close();
});

test('what a key asks for is handed on, after the view has changed', () => {
  const { store, effects } = openStore();
  store.press({ name: 'text', text: 'q' });
  expect(effects).toEqual([{ type: 'quit' }]);
  store.close();
});
