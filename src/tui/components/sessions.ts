import type { SessionView } from '../../api/schemas.js';
import { sessionColumns, windowStart } from '../live-layout.js';
import type { LiveState } from '../live-model.js';
import { shortBytes, shortCount } from '../quantity-text.js';
import { captionLine, tableLine, type Cell, type Line, type Tone } from '../style.js';
import { clean } from '../text-cells.js';
import { formatToxics } from '../toxic-label.js';

const modeTones: Record<SessionView['mode'], Tone> = { live: 'accent', record: 'warn', replay: 'good' };

/** Captions and then `visible` sessions, those around the chosen one. */
export function sessionLines({ status, selected, size }: LiveState, visible: number): Line[] {
  const sessions = status?.sessions ?? [];
  const index = sessions.findIndex(({ id }) => id === selected);
  const place = sessions.length > visible ? ` ${index + 1}/${sessions.length}` : '';
  const columns = sessionColumns(size.columns).map((column) =>
    column.key === 'id' ? { ...column, caption: `SESSION${place}` } : column,
  );
  const captions = captionLine(columns, size.columns);
  if (sessions.length === 0) {
    return [captions, [{ text: '  No sessions yet. Open one with: proxyctl exec -- COMMAND', tone: 'dim' }]];
  }
  const start = windowStart(sessions.length, visible, index);
  const rows = sessions
    .slice(start, start + visible)
    .map((session) => tableLine(columns, sessionCells(session, session.id === selected)));
  return [captions, ...rows];
}

function sessionCells(session: SessionView, selected: boolean): Record<string, Cell> {
  const { id, mode, port, proxyUrl, testId, appVersion, counters } = session;
  const test = [testId, appVersion].filter((part) => part !== undefined).join(' ');
  return {
    mark: { text: selected ? '❯' : '', tone: 'accent' },
    id: { text: id, tone: selected ? 'strong' : 'plain' },
    mode: { text: mode, tone: modeTones[mode] },
    port: { text: String(port) },
    proxy: { text: proxyUrl, tone: 'dim' },
    test: { text: clean(test) },
    exchanges: { text: shortCount(counters.exchanges) },
    failures: { text: shortCount(counters.failures), tone: counters.failures > 0 ? 'bad' : 'dim' },
    misses: { text: shortCount(counters.misses), tone: counters.misses > 0 ? 'bad' : 'dim' },
    bytes: { text: shortBytes(counters.requestBytes + counters.responseBytes), tone: 'dim' },
    toxics: toxicCell(session),
  };
}

/** What is wrong comes before what was asked for. */
function toxicCell({ state, error, enabled, toxics }: SessionView): Cell {
  if (state !== 'ready') return { text: [state, error].filter(Boolean).map(String).map(clean).join(': '), tone: 'bad' };
  const text = formatToxics(toxics.filter(({ type, startsAt }) => type !== 'down' || startsAt !== undefined));
  if (!enabled) return { text: ['DOWN', text].filter(Boolean).join(', '), tone: 'badge' };
  return { text, tone: 'warn' };
}
