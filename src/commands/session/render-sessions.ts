import type { SessionView } from '../../api/schemas.js';
import { table } from '../table.js';

/** A table of sessions, a line each. */
export function renderSessions(sessions: readonly SessionView[]): string {
  return table(
    ['SESSION', 'MODE', 'STATE', 'PROXY', 'REQUESTS', 'TOXICS', 'TEST'],
    sessions.map(({ id, mode, state, proxyUrl, counters, toxics, link, enabled, testId }) => [
      id,
      mode,
      enabled ? state : `${state}, down`,
      proxyUrl,
      `${counters.exchanges}${counters.misses > 0 ? ` (${counters.misses} missed)` : ''}`,
      [...(link === undefined ? [] : [`link:${link.profile ?? 'own'}`]), ...toxics.map(({ name }) => name)].join(' ') ||
        '-',
      testId ?? '-',
    ]),
  );
}
