import { formatDuration } from '../../core/units.js';
import { ratePerSecond, type LiveState } from '../live-model.js';
import { spread, type Cell, type Line, type Tone } from '../style.js';

const tones: Record<string, Tone> = { ready: 'good', starting: 'warn', degraded: 'bad', stopping: 'warn' };

/** `proxyctl 0.1.0  ● ready  http://127.0.0.1:4600                                    123/s  up 3 min 12 s` */
export function headerLine(state: LiveState): Line {
  const { status, connection, size } = state;
  const name: Cell = { text: ' proxyctl', tone: 'strong' };
  if (status === undefined) {
    const text = connection.state === 'lost' ? `  ✗ ${connection.message ?? 'no stack answers'}` : '  … connecting';
    return [name, { text, tone: connection.state === 'lost' ? 'bad' : 'dim' }];
  }
  const lost = connection.state === 'lost';
  const health: Cell = lost
    ? { text: '✗ connection lost', tone: 'alarm' }
    : { text: `● ${status.state}`, tone: tones[status.state] ?? 'plain' };
  const left: Line = [name, { text: ` ${status.version}  ` }, health, { text: `  ${status.url}`, tone: 'dim' }];
  return spread(left, figures(state), size.columns - 1);
}

function figures(state: LiveState): Line {
  const { status, now, size } = state;
  if (status === undefined || size.columns < 60) return [];
  const rate = ratePerSecond(state);
  const up = Math.max(0, now - Date.parse(status.startedAt));
  return [
    { text: rate === 0 ? '' : `${rate}/s  `, tone: 'accent' },
    { text: `up ${up < 1000 ? '0 s' : formatDuration(Math.floor(up / 1000) * 1000)}`, tone: 'dim' },
  ];
}
