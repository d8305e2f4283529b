import { expect, test } from 'vitest';
import type { ChildStatus } from '../../../src/api/schemas.js';
import { childrenLines } from '../../../src/tui/components/children.js';

const child = (name: string, pid: number, rest: Partial<ChildStatus> = {}): ChildStatus => ({
  ...{ name, pid, state: 'ready', restarts: 0, since: '2026-11-21T10:00:00.000Z' },
  ...rest,
});
const texts = (children: ChildStatus[], width = 80) =>
  childrenLines(children, width).map((line) => line.map(({ text }) => text).join(''));

test('MITM processes that are well stand together, with their number', () => {
  expect(texts([child('toxiproxy', 10, { version: '2.12.0' }), child('mitm', 11), child('mitm-2', 12)])).toEqual([
    ' ● toxiproxy 2.12.0 ready pid 10   ● mitm ×2 ready pid 11 12',
  ]);
  expect(texts([1, 2, 3, 4].map((nth) => child(nth === 1 ? 'mitm' : `mitm-${nth}`, nth)))).toEqual([
    ' ● mitm ×4 ready',
  ]);
});

test('one that is not well, or was not, stands alone with what happened', () => {
  const down = child('mitm-2', 12, { state: 'restarting', restarts: 2, lastError: 'killed by SIGKILL' });
  expect(texts([child('mitm', 11), down, child('mitm-3', 13), child('mitm-4', 14, { restarts: 1 })], 200)).toEqual([
    ' ● mitm ×2 ready pid 11 13   ○ mitm-2 restarting… pid 12 2 restarts killed by SIGKILL   ● mitm-4 ready pid 14 1 restart',
  ]);
});
