import { expect, test } from 'vitest';
import { EventLine, eventText } from '../../src/protocol/event-line.js';

const warning = { type: 'warning', message: 'Größe "unknown"\n{ ☂' } as const;
const time = '2026-01-02T03:04:05.678Z';

test('an event reads as it was told, with its number first', () => {
  const line = EventLine.numbered(7, eventText('a "quoted" session', warning, time));
  const whole = { seq: 7, time, session: 'a "quoted" session', ...warning };
  expect(line).toMatchObject({ seq: 7, session: 'a "quoted" session', type: 'warning' });
  expect(line.text).toBe(JSON.stringify(whole));
  expect(line.event).toEqual(whole);
  expect(EventLine.of(line.event).text).toBe(line.text);
});

test('word of missing events has no number, and says how many if that is known', () => {
  expect(EventLine.missed(3)).toMatchObject({ seq: undefined, type: 'missed', text: '{"type":"missed","count":3}' });
  expect(EventLine.missed().text).toBe('{"type":"missed"}');
});
