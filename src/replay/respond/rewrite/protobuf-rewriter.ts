import type { ExchangeTimes } from '../../volatile/dates/clock-shift.js';
import {
  protobufCarrier,
  readFrames,
  trailerFlags,
  writeFrames,
  asTimestamp,
  parseProtobuf,
  writeVarint,
  type ProtoField,
} from '../../../http/index.js';
import type { TextRewriter } from './text-rewriter.js';

/**
 * Tells protobuf as it reads in this run: texts as other texts are, Timestamps and epochs moved, all lengths made
 * right.
 */
export class ProtobufRewriter {
  readonly #texts: TextRewriter;

  constructor(texts: TextRewriter) {
    this.#texts = texts;
  }

  /** A whole body; undefined when it is no protobuf, or stays as it is. */
  rewriteBody(
    body: Buffer,
    essence: string,
    grpcEncoding: string | undefined,
    times: ExchangeTimes,
  ): Buffer | undefined {
    const carrier = protobufCarrier(essence);
    if (carrier === undefined) return undefined;
    if (carrier === 'bare') return this.#message(body, times);
    const frames = readFrames(body, carrier, grpcEncoding);
    const rewritten = frames?.map(({ flags, message }) => ({
      flags,
      message: (flags & trailerFlags) !== 0 ? message : (this.#message(message, times) ?? message),
    }));
    if (frames === undefined || rewritten === undefined) return undefined;
    if (rewritten.every(({ message }, i) => message === frames[i]?.message)) return undefined;
    return writeFrames(rewritten, carrier, grpcEncoding);
  }

  #message(data: Buffer, times: ExchangeTimes): Buffer | undefined {
    const fields = parseProtobuf(data);
    return fields && this.#fields(data, fields, times);
  }

  /** `data` with changed values; undefined when none changes. What does not change keeps its bytes. */
  #fields(data: Buffer, fields: readonly ProtoField[], times: ExchangeTimes): Buffer | undefined {
    const seconds = asTimestamp(fields)?.seconds;
    const pieces = fields.map((field, i) => {
      const timestamp = i === 0 && seconds !== undefined;
      const value = this.#value(data, field, timestamp, times);
      if (value === undefined) return data.subarray(field.start, field.end);
      const sized = field.value.type === 'varint' ? [] : [writeVarint(BigInt(value.length))];
      const wireType = field.value.type === 'varint' ? 0n : 2n;
      return Buffer.concat([writeVarint((BigInt(field.number) << 3n) | wireType), ...sized, value]);
    });
    const changed = Buffer.concat(pieces);
    return changed.equals(data) ? undefined : changed;
  }

  /** The new bytes of a value (without its length); undefined when it stays. */
  #value(data: Buffer, field: ProtoField, timestamp: boolean, times: ExchangeTimes): Buffer | undefined {
    const { value, valueStart, end } = field;
    if (value.type === 'message') return this.#fields(data.subarray(valueStart, end), value.fields, times);
    if (value.type === 'text') {
      const text = this.#texts.rewrite(value.value, { name: '', exact: true }, times);
      return text === value.value ? undefined : Buffer.from(text);
    }
    if (value.type !== 'varint') return undefined;
    // fields have no names here: a number of 13 or more digits is a time by its size, ten digits alone only in a
    // Timestamp
    const text = String(value.value);
    const name = timestamp || text.length >= 13 ? 'timestamp' : '';
    const moved = this.#texts.rewrite(text, { name, exact: true }, times);
    return moved === text ? undefined : writeVarint(BigInt(moved));
  }
}
