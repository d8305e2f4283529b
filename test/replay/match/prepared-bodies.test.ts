import { expect, test } from 'vitest';
import { comparableRequest, type ComparableRequest } from '../../../src/replay/request/comparable-request.js';
import { PreparedBodies, type BodyParts } from '../../../src/replay/match/prepared-bodies.js';
import { prepareRequest, type MatchContext } from '../../../src/replay/match/prepared-request.js';

const filler = 'x'.repeat(1200);

function request(body: string, type = 'application/json'): ComparableRequest {
  const line = { method: 'POST', scheme: 'https' as const, host: 'api.test', port: 443, target: '/orders' };
  return comparableRequest({ ...line, headers: ['Content-Type', type] }, Buffer.from(body));
}

function counted(volatileValues = 0): { prepare: () => BodyParts; times: () => number } {
  let times = 0;
  return {
    prepare: () => ({
      key: (times += 1),
      volatileValues: Array.from({ length: volatileValues }, () => ({}) as BodyParts['volatileValues'][number]),
    }),
    times: () => times,
  };
}

test('a large body is taken apart once, however often it comes', () => {
  const bodies = new PreparedBodies();
  const { prepare, times } = counted();
  const keys = [1, 2, 3].map(() => bodies.of(request(filler), undefined, prepare).key);
  expect([keys, times()]).toEqual([[1, 1, 1], 1]);
});

test('the same bytes under another media type or other rules are another body', () => {
  const bodies = new PreparedBodies();
  const { prepare, times } = counted();
  const rules = { effectOn: () => undefined, isOff: () => false, isMeant: () => false };
  bodies.of(request(filler), undefined, prepare);
  bodies.of(request(filler, 'text/plain'), undefined, prepare);
  bodies.of(request(filler), rules, prepare);
  expect(times()).toBe(3);
});

test('what is kept has a limit, and what was used longest ago is forgotten first', () => {
  const bodies = new PreparedBodies();
  const { prepare, times } = counted(45_000);
  for (const name of ['a', 'b', 'a', 'c']) bodies.of(request(name + filler), undefined, prepare);
  expect(times()).toBe(3);
  bodies.of(request(`a${filler}`), undefined, prepare);
  expect(times()).toBe(3);
  bodies.of(request(`b${filler}`), undefined, prepare);
  expect(times()).toBe(4);
});

test('a body that is kept is the same to a comparison as one that is not', () => {
  const context: MatchContext = {
    windows: [{ from: 1_760_000_000, to: 1_830_000_000 }],
    appVersions: [],
    recordedStart: Date.UTC(2026, 10, 21),
  };
  const kept = { ...context, bodies: new PreparedBodies() };
  const incoming = request(JSON.stringify({ at: '2026-11-21T10:00:00Z', note: filler, id: 7 }));
  const plain = prepareRequest(incoming, context);
  for (const again of [prepareRequest(incoming, kept), prepareRequest(incoming, kept)]) {
    expect([again.bodyKey, again.volatileValues, again.body]).toEqual([
      plain.bodyKey,
      plain.volatileValues,
      plain.body,
    ]);
  }
  expect(plain.body.map(({ field }) => field.where)).toEqual(['json $.at', 'json $.id', 'json $.note']);
});
