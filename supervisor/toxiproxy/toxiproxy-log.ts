import type { LogEntry, LogLevel } from '../../src/core/logger.js';

const levels: Record<string, LogLevel> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
  panic: 'error',
};

/**
 * One line of Toxiproxy's output as a log entry. It writes JSON lines (zerolog) to stdout; what is not JSON, as the
 * trace of a crash on stderr, is kept as it is.
 */
export function parseToxiproxyLog(line: string, from: 'stdout' | 'stderr'): LogEntry {
  const plain: LogEntry = {
    time: new Date().toISOString(),
    level: from === 'stderr' ? 'error' : 'info',
    source: 'toxiproxy',
    message: line,
  };
  const value = parseObject(line);
  if (value === undefined) return plain;
  const { level, time, message, caller: _caller, ...fields } = value;
  const text = typeof message === 'string' && message !== '' ? message : 'request';
  return {
    ...plain,
    ...(typeof time === 'string' ? { time } : {}),
    level: levels[String(level)] ?? 'info',
    message: text,
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

/**
 * What Toxiproxy says of every connection that ends, and of every change that its library sends as POST. Thousands of
 * lines that tell nothing would push out the few that do.
 */
const routine = /"message":"(?:Accepted client|Source terminated|Could not write to destination|[^"]*is depercated)/;

/**
 * Whether a line of Toxiproxy's output tells nothing. Seen without parsing it, as there may be thousands in a second.
 */
export function isRoutine(line: string): boolean {
  return routine.test(line);
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
