import type { SessionView } from '../../api/schemas.js';
import type { Toxic } from '../../toxics/toxic.js';
import { toxicDefinitions } from '../../toxics/index.js';
import { flagShapes } from '../shared/flag-shape.js';
import { formatDuration } from '../../core/units.js';
import { table } from '../shared/table.js';

/** A table of toxics, a line each. Attributes have the names and units that Toxiproxy gives them. */
export function renderToxics(toxics: readonly Toxic[]): string {
  const hosted = toxics.some(({ host }) => host !== undefined);
  const timed = toxics.some((toxic) => timesText(toxic) !== '');
  return table(
    ['NAME', 'TYPE', 'STREAM', ...(hosted ? ['HOST'] : []), 'TOXICITY', ...(timed ? ['WHEN'] : []), 'ATTRIBUTES'],
    toxics.map((toxic) => [
      ...[toxic.name, typeText(toxic), toxic.stream ?? '-'],
      ...(hosted ? [toxic.host ?? '*'] : []),
      toxic.stream === undefined ? '-' : String(toxic.toxicity),
      ...(timed ? [timesText(toxic)] : []),
      attributesText(toxic),
    ]),
  );
}

/** `in 5.0 s, for 30.0 s`, `25.0 s left`; empty for what has no times. */
export function timesText({ startsAt, endsAt }: Pick<Toxic, 'startsAt' | 'endsAt'>, now = Date.now()): string {
  const until = (time: string): number => Math.max(0, Date.parse(time) - now);
  if (startsAt === undefined) return endsAt === undefined ? '' : `${formatDuration(until(endsAt))} left`;
  const start = `in ${formatDuration(until(startsAt))}`;
  return endsAt === undefined ? start : `${start}, for ${formatDuration(Date.parse(endsAt) - Date.parse(startsAt))}`;
}

/** `Session default is down: it takes no connections (2.0 s left).`; undefined: it is up, and stays so. */
export function downText({ id, enabled, down }: Pick<SessionView, 'id' | 'enabled' | 'down'>): string | undefined {
  const when = down === undefined ? '' : ` (${timesText(down)})`;
  if (!enabled) return `Session ${id} is down: it takes no connections${when}.`;
  return down === undefined ? undefined : `Session ${id} goes down${when}.`;
}

function typeText({ type, foreign, kind }: Toxic): string {
  if (kind !== undefined) return `${type} (${kind})`;
  if (foreign && type === 'corrupt') return 'corrupt (drops bytes out of the stream; added through Toxiproxy)';
  return foreign ? `${type} (added through Toxiproxy)` : type;
}

function attributesText({ type, attributes, state = {} }: Toxic): string {
  const settings = Object.entries(attributes).map(
    ([name, value]) => `${name}=${value}${typeof value === 'number' ? unitOf(type, name) : ''}`,
  );
  const done = Object.entries(state).map(([name, value]) => `${name}: ${String(value)}`);
  return [...settings, ...(done.length === 0 ? [] : [`(${done.join(', ')})`])].join(' ');
}

function unitOf(type: string, attribute: string): string {
  const definition = toxicDefinitions.find((candidate) => candidate.type === type);
  const shape = definition && flagShapes(definition.attributes).find(({ key }) => key === attribute);
  return shape?.unit === undefined || shape.unit === '' ? '' : ` ${shape.unit}`;
}
