import type { SessionView } from '../../api/schemas.js';
import { table } from '../shared/table.js';
import { timesText } from '../toxic/render-toxics.js';

/** A table of sessions, a line each. */
export function renderSessions(sessions: readonly SessionView[]): string {
  return table(
    ['SESSION', 'MODE', 'STATE', 'PROXY', 'REQUESTS', 'TOXICS', 'TEST'],
    sessions.map(({ id, mode, state, proxyUrl, counters, toxics, link, enabled, down, testId }) => [
      id,
      mode,
      enabled ? state : `${state}, down${down === undefined ? '' : ` (${timesText(down)})`}`,
      proxyUrl,
      `${counters.exchanges}${counters.misses > 0 ? ` (${counters.misses} missed)` : ''}`,
      [...(link === undefined ? [] : [`link:${link.profile ?? 'own'}`]), ...toxics.map(nameText)].join(' ') || '-',
      testId ?? '-',
    ]),
  );
}

function nameText(toxic: SessionView['toxics'][number]): string {
  const times = timesText(toxic);
  return times === '' ? toxic.name : `${toxic.name} (${times})`;
}
