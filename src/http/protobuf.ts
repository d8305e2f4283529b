import { isUtf8 } from 'node:buffer';

/**
 * A protobuf message without its schema (protobuf.dev/programming-guides/encoding): numbers of fields and kinds of
 * values are in the bytes; whether bytes are a text or a message is seen from what they hold.
 */
export interface ProtoField {
  number: number;
  /** Offsets of the tag and of what follows the value. */
  start: number;
  end: number;
  /** Offset of the value itself, past tag and length. */
  valueStart: number;
  value: ProtoValue;
}

export type ProtoValue =
  | { type: 'varint'; value: bigint }
  | { type: 'fixed64' | 'fixed32'; bytes: Buffer }
  | { type: 'text'; value: string }
  | { type: 'message'; fields: ProtoField[] }
  | { type: 'bytes'; bytes: Buffer };

const maxDepth = 32;

/** Undefined when the bytes are no message. */
export function parseProtobuf(data: Buffer, depth = 0): ProtoField[] | undefined {
  const fields: ProtoField[] = [];
  let at = 0;
  while (at < data.length) {
    const tag = readVarint(data, at);
    if (tag === undefined || tag.value > 0xffffffffn || tag.value >> 3n === 0n) return undefined;
    const found = readValue(data, tag.end, Number(tag.value & 7n), depth);
    if (found === undefined) return undefined;
    fields.push({ number: Number(tag.value >> 3n), start: at, ...found });
    at = found.end;
  }
  return fields;
}

function readValue(
  data: Buffer,
  at: number,
  wireType: number,
  depth: number,
): Pick<ProtoField, 'value' | 'valueStart' | 'end'> | undefined {
  if (wireType === 0) {
    const varint = readVarint(data, at);
    return varint && { value: { type: 'varint', value: varint.value }, valueStart: at, end: varint.end };
  }
  if (wireType === 1 || wireType === 5) {
    const end = at + (wireType === 1 ? 8 : 4);
    if (end > data.length) return undefined;
    const type = wireType === 1 ? 'fixed64' : 'fixed32';
    return { value: { type, bytes: data.subarray(at, end) }, valueStart: at, end };
  }
  if (wireType !== 2) return undefined; // groups are gone from the language since proto3
  const length = readVarint(data, at);
  if (length === undefined) return undefined;
  const end = length.end + Number(length.value);
  if (end > data.length) return undefined;
  return { value: readBytes(data.subarray(length.end, end), depth), valueStart: length.end, end };
}

/** Texts hold no control characters, and messages nearly always do: the tags of the first three fields are some. */
function readBytes(bytes: Buffer, depth: number): ProtoValue {
  if (isUtf8(bytes)) {
    const value = bytes.toString('utf8');
    // eslint-disable-next-line no-control-regex -- control characters are what it is about
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)) return { type: 'text', value };
  }
  const fields = depth < maxDepth ? parseProtobuf(bytes, depth + 1) : undefined;
  return fields === undefined ? { type: 'bytes', bytes } : { type: 'message', fields };
}

function readVarint(data: Buffer, at: number): { value: bigint; end: number } | undefined {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = data[at + i];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + i + 1 };
  }
  return undefined;
}

export function writeVarint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/**
 * Seconds and nanoseconds of a `google.protobuf.Timestamp`, if the fields can be one: 1 is ten digits, 2 under a
 * billion.
 */
export function asTimestamp(fields: readonly ProtoField[]): { seconds: bigint; nanos: bigint } | undefined {
  const [first, second] = fields;
  if (first?.number !== 1 || first.value.type !== 'varint' || fields.length > 2) return undefined;
  const seconds = first.value.value;
  if (seconds < 1_000_000_000n || seconds > 9_999_999_999n) return undefined;
  if (second === undefined) return { seconds, nanos: 0n };
  if (second.number !== 2 || second.value.type !== 'varint' || second.value.value >= 1_000_000_000n) return undefined;
  return { seconds, nanos: second.value.value };
}
