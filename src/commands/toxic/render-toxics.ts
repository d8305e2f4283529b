import type { Toxic } from '../../toxics/toxic.js';
import { toxicDefinitions } from '../../toxics/index.js';
import { flagShapes } from '../flag-shape.js';
import { table } from '../table.js';

/** A table of toxics, a line each. Attributes have the names and units that Toxiproxy gives them. */
export function renderToxics(toxics: readonly Toxic[]): string {
  return table(
    ['NAME', 'TYPE', 'STREAM', 'TOXICITY', 'ATTRIBUTES'],
    toxics.map((toxic) => [toxic.name, typeText(toxic), toxic.stream, String(toxic.toxicity), attributesText(toxic)]),
  );
}

function typeText({ type, foreign, kind }: Toxic): string {
  if (kind !== undefined) return `${type} (${kind})`;
  return foreign ? `${type} (added through Toxiproxy)` : type;
}

function attributesText({ type, attributes }: Toxic): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}${typeof value === 'number' ? unitOf(type, name) : ''}`)
    .join(' ');
}

function unitOf(type: string, attribute: string): string {
  const definition = toxicDefinitions.find((candidate) => candidate.type === type);
  const shape = definition && flagShapes(definition.attributes).find(({ key }) => key === attribute);
  return shape?.unit === undefined || shape.unit === '' ? '' : ` ${shape.unit}`;
}
