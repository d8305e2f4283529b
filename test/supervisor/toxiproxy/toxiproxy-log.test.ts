import { describe, expect, test } from 'vitest';
import { isRoutine, parseToxiproxyLog } from '../../../supervisor/toxiproxy/toxiproxy-log.js';

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

  test.each([
    'Accepted client',
    'Source terminated',
    'Could not write to destination',
    'ProxyUpdate: HTTP method POST is depercated. Use HTTP PATCH instead.',
  ])('%s: said of every connection or change, so it is not kept', (message) => {
    expect(isRoutine(JSON.stringify({ level: 'warn', error: 'read: reset', message }))).toBe(true);
  });

  test.each(['Error while accepting client', 'Could not write last packets after interrupt to Output'])(
    '%s: kept, as something was lost',
    (message) => {
      const line = JSON.stringify({ level: 'warn', error: '"message":', message });
      expect(isRoutine(line)).toBe(false);
      expect(parseToxiproxyLog(line, 'stdout').level).toBe('warn');
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
