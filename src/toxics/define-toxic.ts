import type { z } from 'zod';
import type { ProxyctlError } from '../errors/index.js';
import type { NetworkPart } from './network-part.js';
import type { Stream } from './stream.js';

/** Numbers in the attribute's unit; text where it is not a quantity (`cc: cubic`). */
export type AttributeValue = number | string;

/** What a toxic of ours has done so far: plain JSON, as it outlives the process that it acts in. */
export type ToxicState = Record<string, unknown>;

/** What becomes of a connection that was accepted: it is reset, or served only after a while. */
export type ConnectionFate = 'reset' | { delayMs: number };

/** A host name that is about to be resolved for a connection to a backend. */
export interface Lookup {
  host: string;
  /** Whether the session has not resolved it before. */
  first: boolean;
}

/** Which toxic of this kind it is, and on which streams it acts. */
interface ToxicPlace {
  name: string;
  /** One of them, or both where the toxic has no direction. */
  streams: readonly Stream[];
  toxicity: number;
}

/** What a toxic is to Toxiproxy. */
interface InToxiproxy<Attributes> {
  /** The first release that has it; 2.0.0 is the first whose API we speak. */
  since: `${number}.${number}.${number}`;
  /** Its toxics there; none where it is a setting of the proxy. */
  toWire: (attributes: Attributes) => WireToxic[];
}

/** One toxic as Toxiproxy's API takes it. */
export interface WireToxic {
  type: string;
  attributes: Record<string, number>;
}

/** A fault that `proxyctl toxic <name>` can add: declared once, used by CLI, API, help, reference page and views. */
export interface ToxicDefinition<Schema extends z.ZodObject = z.ZodObject, State extends ToxicState = ToxicState> {
  /** The name on the command line and in our API, kebab-case: `slow-close`. */
  type: string;
  summary: string;
  /** What one should know before using it, a sentence each: how Toxiproxy really behaves. */
  notes?: string[];
  /**
   * A strict object. Attribute schemas are quantities (`src/core/quantities.ts`), choices, or have a placeholder; they
   * keep Toxiproxy's names, and are described. Those with a default are optional.
   */
  attributes: Schema;
  /** The attribute that the command takes as its argument, if any: `toxic latency 300ms`. */
  argument?: keyof z.infer<Schema> & string;
  /** Command lines, without `proxyctl`. */
  examples: string[];
  /** `none`: it has neither a direction nor a toxicity. Default `each`: it acts on the one that it is added to. */
  streams?: 'each' | 'none';
  /**
   * False where it acts on the whole session: it cannot be for some hosts, and there is one of it at the most. Default
   * true.
   */
  perHost?: boolean;
  /** What Toxiproxy makes of it; absent where it is all our own. */
  toxiproxy?: InToxiproxy<z.infer<Schema>>;
  /** Attributes that it has where the kernel does it in place of the model (`--kernel`); absent: the kernel cannot. */
  inKernel?: readonly (keyof z.infer<Schema> & string)[];
  /** Fills in what is drawn when the toxic is added. */
  complete?: (attributes: z.infer<Schema>) => z.infer<Schema>;
  /** Checks that no single attribute shows; returns what is wrong. */
  check?: (attributes: z.infer<Schema>) => ProxyctlError | undefined;
  /** What it contributes to the modelled network, or says of it: Toxiproxy's latency, the delay that it adds there. */
  model?: (attributes: z.infer<Schema>, toxic: ToxicPlace) => NetworkPart;
  /**
   * What it has done when it begins: nothing. The hooks below change it in place, in the MITM process. It is kept while
   * the toxic stands, over changes of its attributes and restarts of that process, and begins anew with a toxic that is
   * added anew.
   */
  state?: () => State;
  /** Called for each connection of a client's that was accepted, before anything of it is read. */
  onConnection?: (attributes: z.infer<Schema>, state: State) => ConnectionFate | undefined;
  /** Called before the name of a backend is resolved. Returns how much longer that takes, ms. */
  onLookup?: (attributes: z.infer<Schema>, state: State, lookup: Lookup) => number;
}

export function defineToxic<Schema extends z.ZodObject, State extends ToxicState = ToxicState>(
  definition: ToxicDefinition<Schema, State>,
): ToxicDefinition<Schema, State> {
  return definition;
}
