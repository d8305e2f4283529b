import { textField, type Field } from '../field.js';
import { byWhere } from '../matchers/named-fields.js';
import { asTimestamp, parseProtobuf, type ProtoField, type ProtoValue } from '../../../http/index.js';

/** Each value of a protobuf message, by the numbers of its fields: `proto 3[1].2`. Undefined when it is no message. */
export function protobufFields(data: Buffer, prefix = 'proto'): Field[] | undefined {
  const fields = parseProtobuf(data);
  return fields && messageFields(fields, `${prefix} `).sort(byWhere);
}

function messageFields(fields: readonly ProtoField[], prefix: string): Field[] {
  const seen = new Map<number, number>();
  return fields.flatMap(({ number, value }) => {
    const repeat = seen.get(number) ?? 0;
    seen.set(number, repeat + 1);
    return valueFields(value, `${prefix}${number}${repeat === 0 ? '' : `[${repeat}]`}`);
  });
}

function valueFields(value: ProtoValue, where: string): Field[] {
  switch (value.type) {
    case 'varint':
      return [{ where, name: '', value: String(value.value), type: 'number' }];
    case 'fixed64':
      return [
        { where, name: '', value: `${value.bytes.readDoubleLE(0)} (${value.bytes.toString('hex')})`, type: 'bytes' },
      ];
    case 'fixed32':
      return [
        { where, name: '', value: `${value.bytes.readFloatLE(0)} (${value.bytes.toString('hex')})`, type: 'bytes' },
      ];
    case 'text':
      return [textField(where, '', value.value)];
    case 'bytes':
      return [{ where, name: '', value: value.bytes.toString('hex'), type: 'bytes' }];
    case 'message': {
      const time = asTimestamp(value.fields);
      if (time === undefined) return messageFields(value.fields, `${where}.`);
      const nanos = time.nanos === 0n ? '' : `.${String(time.nanos).padStart(9, '0')}`;
      return [{ where, name: '', value: `${time.seconds}${nanos}`, type: 'number' }];
    }
  }
}
