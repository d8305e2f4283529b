export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogEntry {
  /** ISO 8601, UTC. */
  time: string;
  level: LogLevel;
  /** Which part speaks: `supervisor`, `toxiproxy`, `mitm`, … */
  source: string;
  message: string;
  fields?: Record<string, unknown>;
}

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(source: string): Logger;
}

/** A logger that hands each entry of `minimum` or above to `write`. */
export function createLogger(source: string, write: (entry: LogEntry) => void, minimum: LogLevel = 'info'): Logger {
  const log =
    (level: LogLevel) =>
    (message: string, fields?: Record<string, unknown>): void => {
      if (order[level] < order[minimum]) return;
      write({ time: new Date().toISOString(), level, source, message, ...(fields === undefined ? {} : { fields }) });
    };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: (name) => createLogger(name, write, minimum),
  };
}

export const silentLogger: Logger = createLogger('silent', () => undefined, 'error');

/** One line for people: time, level when it matters, source, message, fields as `key=value`. */
export function formatLogEntry(entry: LogEntry): string {
  const fields = Object.entries(entry.fields ?? {}).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const level = entry.level === 'info' ? '' : ` ${entry.level.toUpperCase()}`;
  return `${entry.time.slice(11, 23)} [${entry.source}]${level} ${entry.message}${fields.join('')}`;
}

/** `mitm` stands for all MITM processes: `mitm`, `mitm-2`, … */
export function isFrom(source: string, entry: LogEntry): boolean {
  return entry.source === source || (source === 'mitm' && entry.source.startsWith('mitm-'));
}
