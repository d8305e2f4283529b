import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv';

const load = createRequire(import.meta.url);

/** The JSON Schema of HAR 1.2 as the package `har-schema` keeps it, one schema for each object of the format. */
const ajv = new Ajv({
  allErrors: true,
  strict: false, // it has words of its own (`optional`, `min`), which say nothing to a validator
  formats: {
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
    // What clients really ask for, and so what is recorded, is a URL as browsers read it.
    uri: (text: string) => URL.canParse(text),
    ipv4: isIPv4,
    ipv6: isIPv6,
  },
});
ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json') as AnySchemaObject);
ajv.addSchema(Object.values(load('har-schema') as Record<string, AnySchemaObject>));
const validate = ajv.compile({ $ref: 'har.json#' });

/** What the schema has against a HAR, a line each; none when it is valid. */
export function harSchemaErrors(har: unknown): string[] {
  if (validate(har)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }: ErrorObject) => `${instancePath} ${message ?? ''}`);
}
