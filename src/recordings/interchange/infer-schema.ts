/** A JSON Schema (2020-12), as far as it is inferred. */
export type JsonSchema = Record<string, unknown>;

/** The schema that all of `values` fit: members that each object has are required. */
export function schemaOf(values: readonly unknown[]): JsonSchema {
  const schemas = [
    ...scalars(values),
    ...(values.some(isObject) ? [objectSchema(values.filter(isObject))] : []),
    ...(values.some(Array.isArray) ? [arraySchema(values.filter((value) => Array.isArray(value)))] : []),
  ];
  const [only = {}] = schemas;
  return schemas.length <= 1 ? only : { anyOf: schemas };
}

function scalars(values: readonly unknown[]): JsonSchema[] {
  const types = new Set(values.map(typeOf).filter((type) => type !== undefined));
  if (types.has('number')) types.delete('integer');
  return [...types].map((type) => ({ type }));
}

function typeOf(value: unknown): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined;
}

function objectSchema(objects: readonly Record<string, unknown>[]): JsonSchema {
  const names = [...new Set(objects.flatMap((each) => Object.keys(each)))];
  const required = names.filter((name) => objects.every((each) => Object.hasOwn(each, name)));
  return {
    type: 'object',
    properties: Object.fromEntries(
      names.map((name) => [
        name,
        schemaOf(objects.filter((each) => Object.hasOwn(each, name)).map((each) => each[name])),
      ]),
    ),
    ...(required.length === 0 ? {} : { required }),
  };
}

function arraySchema(arrays: readonly unknown[][]): JsonSchema {
  const items = arrays.flat();
  return { type: 'array', ...(items.length === 0 ? {} : { items: schemaOf(items) }) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
