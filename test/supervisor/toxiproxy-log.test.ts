import { describe, expect, test } from 'vitest';
import { parseToxiproxyLog } from '../../supervisor/toxiproxy-log.js';

describe('parseToxiproxyLog', () => {
  test('a JSON line keeps its time, level and fields, without the place in the source', () => {
    const line = JSON.stringify({
      level: 'warn',
      caller: 'proxy.go:1',
      time: '2026-01-02T03:04:05Z',
      message: 'Error while accepting client',
      error: 'too many open files',
    });
    expect(parseToxiproxyLog(line, 'stdout')).toEqual({
      time: '2026-01-02T03:04:05Z',
      level: 'warn',
      source: 'toxiproxy',
      message: 'Error while accepting client',
      fields: { error: 'too many open files' },
    });
  });

  test.each(['Accepted client', 'Source terminated', 'Could not write to destination'])(
    '%s, said of every connection, is for debugging only',
    (message) => {
      expect(parseToxiproxyLog(JSON.stringify({ level: 'warn', message }), 'stdout').level).toBe('debug');
    },
  );

  test('a crash on stderr is kept as it is, as an error', () => {
    expect(parseToxiproxyLog('panic: runtime error', 'stderr')).toMatchObject({
      level: 'error',
      message: 'panic: runtime error',
    });
  });

  test('what looks like JSON and is none is kept as it is', () => {
    expect(parseToxiproxyLog('{"level":"inf', 'stdout')).toMatchObject({ level: 'info', message: '{"level":"inf' });
  });
});
