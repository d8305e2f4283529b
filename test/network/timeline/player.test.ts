import { describe, expect, test } from 'vitest';
import { createTimeline, planRound } from '../../../src/network/timeline/timeline.js';
import { linkProfiles } from '../../../src/network/profiles.js';
import { parseInlineTimeline } from '../../../src/network/timeline/inline.js';
import { TimelinePlayer } from '../../../src/network/timeline/player.js';
import { timelineRequest, type TimelineRequest } from '../../../src/network/timeline/schema.js';
import type { ActiveLink } from '../../../src/network/link.js';

const timeline = (request: TimelineRequest) => createTimeline(timelineRequest.parse(request), linkProfiles);

const base: ActiveLink = { profile: 'before', rtt: 5, seed: 1, kind: 'modelled' };

function play(request: TimelineRequest): (seconds: number) => ActiveLink | undefined {
  const player = new TimelinePlayer(timeline(request), { startedAt: 0, base });
  return (seconds) => player.at(seconds * 1000).link;
}

test('steps follow one another, a hole lets nothing through, and at the end the link from before returns', () => {
  const at = play({ seed: 7, steps: parseInlineTimeline('4g 10s, down 3s, wpt:3g 5s') });
  expect(at(0)).toMatchObject({ profile: '4g', rtt: 70, seed: 7 });
  expect(at(9.9)).toMatchObject({ profile: '4g' });
  expect(at(10)).toMatchObject({ profile: '4g', rtt: 70, loss: 1, outage: true });
  expect(at(13)).toMatchObject({ profile: 'wpt:3g' });
  expect(at(13)).not.toHaveProperty('outage');
  expect(at(18)).toEqual(base);
});

test('a step that ends before the next begins gives way to the one before', () => {
  const at = play({
    steps: [{ link: 'lte' }, { at: '5s', down: '1s' }, { at: '10s', link: { rtt: '300ms' }, for: '2s' }],
  });
  expect([0, 5, 6, 9].map((time) => at(time)?.outage)).toEqual([undefined, true, undefined, undefined]);
  expect(at(9)).toMatchObject({ profile: 'lte' });
  expect(at(11)).toMatchObject({ rtt: 300 });
  expect(at(12)).toEqual(base);
});

test('a ramp reaches its values little by little, and the next change goes on from there', () => {
  const at = play({ steps: parseInlineTimeline('dsl 10s, at 10s cable 5s ramp 4s, at 15s off') });
  expect(at(10)).toMatchObject({ down: 1000, rtt: 40 });
  expect(at(12)).toMatchObject({ profile: 'cable', down: 1000 + (12_500 - 1000) / 2, rtt: 32.5 });
  expect(at(14)).toMatchObject({ down: 12_500, rtt: 25 });
  expect(at(15)).toBeUndefined();
  const player = new TimelinePlayer(timeline({ steps: parseInlineTimeline('dsl 1s, cable 5s ramp 4s') }), {
    startedAt: 1000,
    base: undefined,
  });
  player.at(1000);
  expect(player.nextAt).toBe(2000);
  player.at(2500);
  expect(player.nextAt).toBe(2600); // within a ramp
  player.at(6500);
  expect(player.nextAt).toBe(7000);
});

test('a loop begins anew for so many rounds, with lengths that each round draws from its seed', () => {
  const request: TimelineRequest = { seed: 42, loop: 3, steps: parseInlineTimeline('4g 1s..9s, edge 2s') };
  const lengths = [0, 1, 2].map((round) => planRound(timeline(request), round).lengthMs ?? 0);
  expect(new Set(lengths).size).toBe(3);
  for (const length of lengths) expect(length).toBeGreaterThanOrEqual(3000);
  expect([0, 1, 2].map((round) => planRound(timeline(request), round).lengthMs)).toEqual(lengths);
  const other = planRound(timeline({ ...request, seed: 43 }), 0).lengthMs;
  expect(other).not.toBe(lengths[0]);
  const player = new TimelinePlayer(timeline(request), { startedAt: 0, base });
  expect(player.at((lengths[0] ?? 0) + 1).link).toMatchObject({ profile: '4g' });
  expect(player.view()).toMatchObject({ round: 2, rounds: 3, step: 1, steps: 2, seed: 42 });
  expect(player.at(lengths.reduce((sum, length) => sum + length)).over).toBe(true);
});

describe('a timeline that cannot be is refused', () => {
  test.each<[string, TimelineRequest, RegExp]>([
    ['a name', { steps: [{ link: '4gg', for: '1s' }] }, /Step 1 .*There is no link "4gg"/],
    ['no time', { steps: [{ link: '4g' }, { link: '3g' }] }, /Step 2 .*does not say when it begins/],
    [
      'times that go back',
      {
        steps: [
          { at: '5s', link: '4g' },
          { at: '4s', link: '3g' },
        ],
      },
      /Step 2 .*begins at 4000ms/,
    ],
    ['a step within the one before', { steps: [{ down: '1s..3s' }, { at: '2s', link: '3g' }] }, /may not be over/],
    ['a loop without end of its last step', { loop: true, steps: [{ link: '4g' }] }, /does not say how long/],
  ])('%s', (_, request, message) => {
    expect(() => timeline(request)).toThrow(message);
  });

  test.each(['4g ten', 'ramp', '', '4g 5s ramp'])('a step that reads "%s"', (text) => {
    expect(() => {
      const checked = timelineRequest.safeParse({ steps: parseInlineTimeline(text) });
      if (!checked.success) throw checked.error;
      createTimeline(checked.data, linkProfiles);
    }).toThrow();
  });
});
