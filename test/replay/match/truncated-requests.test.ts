import { expect, test } from 'vitest';
import { Replay, type Recorded } from '../../helpers/replaying.js';

const upload = (body: string, more: Partial<Recorded> = {}): Recorded => ({
  ...{ method: 'PUT', url: 'http://files.test/a', headers: ['Content-Type', 'application/octet-stream'], body },
  ...more,
});

test('an upload that was refused before its body had come is refused again, however much of it comes now', async () => {
  const refused = { status: 401, answer: 'no', truncated: true };
  expect((await new Replay([upload('', refused)]).ask(upload('all of it'))).status).toBe(401);
  const begun = new Replay([upload('all', { ...refused, status: 413 })]);
  expect((await begun.ask(upload('all of it'))).status).toBe(413);
  expect((await begun.ask(upload('all of'))).status).toBe(413);
  expect((await begun.ask(upload('another'))).status).toBe(502);
  expect((await begun.ask({ ...upload('all of it'), url: 'http://files.test/b' })).status).toBe(502);
});

test('an upload that was sent whole is not taken for the beginning of a longer one', async () => {
  const replay = new Replay([upload('all', { answer: 'ok' })]);
  expect((await replay.ask(upload('all of it'))).status).toBe(502);
});
