import { definitionOf, findToxicDefinition } from './lookup.js';
import { down } from './down.js';
import type { Toxic } from './toxic.js';

/** A toxic as Toxiproxy's API shows it (`GET /proxies/{proxy}/toxics`). */
interface WireToxicView {
  name: string;
  /** Toxiproxy's word: `slow_close`. */
  type: string;
  stream: 'upstream' | 'downstream';
  toxicity: number;
  attributes: Record<string, number>;
}

/** What a toxic is in Toxiproxy; empty for one that is a stage of our own. */
export function toWire(toxic: Toxic): WireToxicView[] {
  const { name, stream = 'downstream', toxicity, attributes } = toxic;
  const definition = definitionOf(toxic);
  // What was added through Toxiproxy's own API goes back as it came, whatever its attributes.
  if (definition === undefined)
    return [
      {
        name,
        type: toxic.type === corrupt ? packetLoss : toxic.type,
        stream,
        toxicity,
        attributes: numbers(attributes),
      },
    ];
  if (toxic.foreign && toxic.stream !== undefined) {
    const type = toxic.type.replaceAll('-', '_');
    return [{ name, type, stream, toxicity, attributes: numbers(attributes) }];
  }
  return definition.toxiproxy?.toWire(attributes).map((wire) => ({ name, stream, toxicity, ...wire })) ?? [];
}

/** A toxic of Toxiproxy's under our name for its type; one that we do not know keeps its own. */
export function fromWire({ name, type, stream, toxicity, attributes }: WireToxicView, foreign: boolean): Toxic {
  const known = findToxicDefinition(type);
  // A toxic of ours that is not Toxiproxy's may share a name with one of its own, which does something else.
  const ours = type === packetLoss ? corrupt : known?.toxiproxy === undefined ? type : known.type;
  return { name, type: ours, stream, toxicity, attributes, foreign };
}

/**
 * Newer builds of Toxiproxy have a `packet_loss` that drops bytes out of the stream: TLS breaks and HTTP never ends.
 * That is no loss of packets, so it is not called so here.
 */
const packetLoss = 'packet_loss';
const corrupt = 'corrupt';

/** The toxic that a proxy is under which somebody has disabled through Toxiproxy's own API. */
export function disabledProxy(): Toxic {
  return { name: down.type, type: down.type, toxicity: 1, attributes: {}, foreign: true };
}

/** Toxiproxy's attributes are numbers all. */
function numbers(attributes: Toxic['attributes']): Record<string, number> {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

/**
 * Whether two are the same but for their names. Toxiproxy keeps toxicity in single precision; an absent attribute is 0
 * to it.
 */
export function sameToxic(a: WireToxicView, b: WireToxicView): boolean {
  const keys = new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)]);
  return (
    a.type === b.type &&
    a.stream === b.stream &&
    Math.abs(a.toxicity - b.toxicity) < 1e-6 &&
    [...keys].every((key) => (a.attributes[key] ?? 0) === (b.attributes[key] ?? 0))
  );
}
