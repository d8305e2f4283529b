import { chains, type ChainId } from './chains/index.js';
import { isCell, type Cell, type Results } from './results.js';
import { rows, rowIds, type Row, type RowId } from './rows.js';

export interface Verdict {
  what: string;
  wanted: string;
  got: string;
  met: boolean;
}

/** The least share of direct that the whole chain is to reach, live. */
const leastRatio: Partial<Record<RowId, number>> = { http: 0.2, https: 0.2, h2: 0.25, fresh: 0.32, body: 0.16 };

/** What the project has set out to reach, held against what was measured; what was not measured is left out. */
export function judge(results: Results): Verdict[] {
  const at = (row: RowId, chain: string): Cell | undefined => {
    const cell = results[row]?.[chain as ChainId];
    return isCell(cell) ? cell : undefined;
  };
  const verdicts: Verdict[] = [];
  for (const row of rowIds) {
    const live = at(row, 'live');
    const peer = at(row, 'http-mitm-proxy');
    const recording = at(row, 'record');
    if (live && peer && row !== 'memory') verdicts.push(faster(row, live, peer));
    const least = leastRatio[row];
    if (live?.compared !== undefined && least !== undefined) {
      verdicts.push(atLeast(`${rows[row].title}: share of direct`, live.compared, least));
    }
    if (live && recording && rows[row].unit === '/s') {
      verdicts.push(atLeast(`${rows[row].title}: recording as a share of live`, recording.value / live.value, 0.85));
    }
  }
  const cold = at('cold', 'live');
  if (cold) verdicts.push(atMost(`${rows.cold.title}: total`, cold.value, 1, 's'));
  if (cold?.stallMs !== undefined) verdicts.push(atMost(`${rows.cold.title}: longest stall`, cold.stallMs, 25, 'ms'));
  const latency = at('latency', 'live');
  if (latency?.compared !== undefined)
    verdicts.push(atMost(`${rows.latency.title}: added`, latency.compared, 0.2, 'ms'));
  const memory = at('memory', 'record');
  if (memory) verdicts.push(atMost(`${rows.memory.title}, recording`, memory.worst, 64, 'MiB'));
  return verdicts;
}

function faster(row: RowId, live: Cell, peer: Cell): Verdict {
  const { title, unit } = rows[row] as Row;
  const factor = unit === '/s' ? live.value / peer.value : peer.value / live.value;
  return { ...atLeast(`${title}: times as good as ${chains['http-mitm-proxy'].title}`, factor, 1), wanted: '> 1' };
}

function atLeast(what: string, got: number, least: number): Verdict {
  return { what, wanted: `≥ ${least}`, got: got.toFixed(2), met: got >= least };
}

function atMost(what: string, got: number, most: number, unit: string): Verdict {
  return { what, wanted: `≤ ${most} ${unit}`, got: `${got.toFixed(2)} ${unit}`, met: got <= most };
}
