import type { z } from 'zod';
import type { ProxyctlError } from '../errors/index.js';

export type Stream = 'upstream' | 'downstream';

/** Numbers in the attribute's unit; text where it is not a quantity (`cc: cubic`). */
export type AttributeValue = number | string;

/** One toxic as Toxiproxy's API takes it. */
export interface WireToxic {
  type: string;
  attributes: Record<string, number>;
}

/** A fault that `proxyctl toxic <name>` can add: declared once, used by CLI, API, help, reference page and views. */
export interface ToxicDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** The name on the command line and in our API, kebab-case: `slow-close`. */
  type: string;
  summary: string;
  /** What one should know before using it, a sentence each: how Toxiproxy really behaves. */
  notes?: string[];
  /**
   * A strict object. Attribute schemas are quantities (`src/core/quantities.ts`), choices, or have a placeholder; they keep
   * Toxiproxy's names, and are described. Those with a default are optional.
   */
  attributes: Schema;
  /** The attribute that the command takes as its argument, if any: `toxic latency 300ms`. */
  argument?: keyof z.infer<Schema> & string;
  /** Command lines, without `proxyctl`. */
  examples: string[];
  /** `listener`: acts on the whole listener (`down`) and has neither stream nor toxicity. Default `connection`. */
  scope?: 'connection' | 'listener';
  /** `modelled`: a stage of our own that models the network. Default: Toxiproxy's. */
  kind?: 'modelled';
  /** Attributes that it has where the kernel does it in place of the model (`--kernel`); absent: the kernel cannot. */
  inKernel?: readonly (keyof z.infer<Schema> & string)[];
  /** What the attributes become in Toxiproxy; empty for what is not one of its toxics. */
  toWire: (attributes: z.infer<Schema>) => WireToxic[];
  /** Fills in what is drawn when the toxic is added. */
  complete?: (attributes: z.infer<Schema>) => z.infer<Schema>;
  /** Checks that no single attribute shows; returns what is wrong. */
  check?: (attributes: z.infer<Schema>) => ProxyctlError | undefined;
}

export function defineToxic<Schema extends z.ZodObject>(definition: ToxicDefinition<Schema>): ToxicDefinition<Schema> {
  return definition;
}
