import { compile, type JSONValue } from 'json-p3';
import { parseProtobuf, writeVarint, type ProtoField } from '../http/index.js';
import { isDelete, singularLocation, type Location } from './json-edit.js';
import type { JsonChange } from './model.js';

/** Thrown when bytes are no protobuf, or a value cannot stand where it is put. */
export class NotProtobuf extends Error {}

type Message = readonly ProtoField[];

/**
 * A message as JSON, for JSONPaths: an object by the numbers of its fields, `$['1']['3']`; a field that is there more
 * than once is a list. Without a schema integers and booleans are numbers (texts beyond 2^53), fixed32 and fixed64 are
 * read as float and double, bytes are Base64, and fields with their default value are not there at all.
 */
export function protobufView(message: Message): JSONValue {
  return Object.fromEntries(
    [...byNumber(message)].map(([number, fields]) => {
      const values = fields.map((field) => valueView(field));
      return [String(number), values.length === 1 ? (values[0] ?? null) : values];
    }),
  );
}

/** A message, or throws `NotProtobuf`. */
export function parseMessage(data: Buffer): Message {
  const message = parseProtobuf(data);
  if (message === undefined) throw new NotProtobuf('The body is no protobuf');
  return message;
}

/**
 * `data` with the values that these JSONPaths find in its view replaced or taken out; every other field keeps its
 * bytes. A path that finds nothing but names one field of a message that is there adds it: text, integer, boolean, or a
 * number with a fraction as double. Returns how many fields were changed, too. Throws `NotProtobuf`.
 */
export function editProtobuf(data: Buffer, change: JsonChange): { data: Buffer; changed: number } {
  let current = data;
  let changed = 0;
  for (const [path, value] of Object.entries(change)) {
    const remove = isDelete(value);
    const query = compile(path);
    const message = parseMessage(current);
    const found = query.query(protobufView(message)).nodes.map(({ location }) => [...location]);
    const add = found.length === 0 && !remove && query.singularQuery() ? singularLocation(path) : undefined;
    for (const location of add === undefined ? found : [add]) {
      const edited = putAt(current, location, remove ? undefined : value);
      if (edited === undefined) continue;
      current = edited;
      changed += 1;
    }
  }
  return { data: current, changed };
}

/** `undefined` as value takes it out. Returns undefined when there is no such place. */
function putAt(data: Buffer, location: Location, value: unknown): Buffer | undefined {
  const [name, ...below] = location;
  const number = Number(name);
  if (!Number.isInteger(number) || number < 1) return undefined;
  const message = parseMessage(data);
  const fields = byNumber(message).get(number) ?? [];
  const listed = typeof below[0] === 'number';
  if (!listed && fields.length > 1)
    throw new NotProtobuf(`Field ${number} is there ${fields.length} times: name one, [0] being the first`);
  const index = listed ? (below.shift() as number) : 0;
  const field = fields.at(index);
  if (field === undefined) {
    if (below.length > 0 || value === undefined || index > 0) return undefined;
    return Buffer.concat([data, written(number, newValue(value, number))]);
  }
  const before = data.subarray(0, field.start);
  const after = data.subarray(field.end);
  if (below.length > 0) {
    if (field.value.type !== 'message') return undefined;
    const inner = putAt(data.subarray(field.valueStart, field.end), below, value);
    return inner && Buffer.concat([before, written(number, { wireType: 2, bytes: inner }), after]);
  }
  if (value === undefined) return Buffer.concat([before, after]);
  return Buffer.concat([before, written(number, sameKind(field, value)), after]);
}

interface WireValue {
  /** protobuf.dev/programming-guides/encoding */
  wireType: 0 | 1 | 2 | 5;
  bytes: Buffer;
}

function written(number: number, { wireType, bytes }: WireValue): Buffer {
  const size = wireType === 2 ? [writeVarint(BigInt(bytes.length))] : [];
  return Buffer.concat([writeVarint((BigInt(number) << 3n) | BigInt(wireType)), ...size, bytes]);
}

/** A value where there was one: of the kind that it was. */
function sameKind({ number, value }: ProtoField, given: unknown): WireValue {
  switch (value.type) {
    case 'varint':
      return { wireType: 0, bytes: writeVarint(integer(given, number)) };
    case 'fixed32':
    case 'fixed64': {
      const bytes = Buffer.alloc(value.bytes.length);
      if (bytes.length === 4) bytes.writeFloatLE(numeric(given, number));
      else bytes.writeDoubleLE(numeric(given, number));
      return { wireType: bytes.length === 4 ? 5 : 1, bytes };
    }
    case 'text':
      return { wireType: 2, bytes: Buffer.from(textual(given, number)) };
    case 'bytes':
      return { wireType: 2, bytes: Buffer.from(textual(given, number), 'base64') };
    case 'message':
      throw new NotProtobuf(`Field ${number} is a message: name a field of it`);
  }
}

function newValue(given: unknown, number: number): WireValue {
  if (typeof given === 'number' && !Number.isInteger(given)) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(given);
    return { wireType: 1, bytes };
  }
  if (typeof given === 'number' || typeof given === 'boolean')
    return { wireType: 0, bytes: writeVarint(integer(given, number)) };
  return { wireType: 2, bytes: Buffer.from(textual(given, number)) };
}

function integer(given: unknown, number: number): bigint {
  if (typeof given === 'boolean') return given ? 1n : 0n;
  const text = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
  if (!/^-?\d+$/.test(text)) throw new NotProtobuf(`Field ${number} is an integer: ${JSON.stringify(given)} is none`);
  return BigInt(text);
}

function numeric(given: unknown, number: number): number {
  if (typeof given === 'number') return given;
  throw new NotProtobuf(`Field ${number} is a number: ${JSON.stringify(given)} is none`);
}

function textual(given: unknown, number: number): string {
  if (typeof given === 'string') return given;
  throw new NotProtobuf(`Field ${number} is a text: ${JSON.stringify(given)} is none`);
}

function byNumber(message: Message): Map<number, ProtoField[]> {
  const fields = new Map<number, ProtoField[]>();
  for (const field of message) {
    const others = fields.get(field.number);
    if (others === undefined) fields.set(field.number, [field]);
    else others.push(field);
  }
  return fields;
}

function valueView({ value }: ProtoField): JSONValue {
  switch (value.type) {
    case 'varint': {
      const signed = BigInt.asIntN(64, value.value);
      return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : String(signed);
    }
    case 'fixed32':
      return value.bytes.readFloatLE(0);
    case 'fixed64':
      return value.bytes.readDoubleLE(0);
    case 'text':
      return value.value;
    case 'bytes':
      return value.bytes.toString('base64');
    case 'message':
      return protobufView(value.fields);
  }
}
