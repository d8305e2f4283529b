import { toxicDefinitions } from './index.js';
import type { Toxic } from './toxic.js';

/** A toxic as Toxiproxy's API shows it (`GET /proxies/{proxy}/toxics`). */
export interface WireToxicView {
  name: string;
  /** Toxiproxy's word: `slow_close`. */
  type: string;
  stream: 'upstream' | 'downstream';
  toxicity: number;
  attributes: Record<string, number>;
}

/** What a toxic is in Toxiproxy; empty for one that is a stage of our own. */
export function toWire(toxic: Toxic): WireToxicView[] {
  const { name, stream, toxicity, attributes } = toxic;
  const definition = toxicDefinitions.find(({ type }) => type === toxic.type);
  if (definition === undefined) return [{ name, type: toxic.type, stream, toxicity, attributes }];
  return definition.toWire(attributes).map((wire) => ({ name, stream, toxicity, ...wire }));
}

/** A toxic of Toxiproxy's under our name for its type; one that we do not know keeps its own. */
export function fromWire({ name, type, stream, toxicity, attributes }: WireToxicView, foreign: boolean): Toxic {
  const ours = type.replaceAll('_', '-');
  const known = toxicDefinitions.some((definition) => definition.type === ours);
  return { name, type: known ? ours : type, stream, toxicity, attributes, foreign };
}

export function sameToxic(a: WireToxicView, b: WireToxicView): boolean {
  const keys = new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)]);
  return (
    a.type === b.type &&
    Math.abs(a.toxicity - b.toxicity) < 1e-6 &&
    [...keys].every((key) => (a.attributes[key] ?? 0) === (b.attributes[key] ?? 0))
  );
}
