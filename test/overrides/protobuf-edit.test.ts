import { describe, expect, test } from 'vitest';
import { editProtobuf, NotProtobuf, parseMessage, protobufView } from '../../src/overrides/protobuf-edit.js';

/** { 1: 'tea', 2: 150, 3: [{1: 7}, {1: 8, 2: 'cup'}], 4: 2.5 (double), 5: 1.5 (float), 6: -1, 9: bytes } */
const message = Buffer.from(
  [
    '0a03746561', // 1: "tea"
    '109601', // 2: 150
    '1a020807', // 3: { 1: 7 }
    '1a0708081203637570', // 3: { 1: 8, 2: "cup" }
    '210000000000000440', // 4: 2.5
    '2d0000c03f', // 5: 1.5
    '30ffffffffffffffffff01', // 6: -1
    '4a03fffe00', // 9: ff fe 00
  ].join(''),
  'hex',
);
const view = (data: Buffer) => protobufView(parseMessage(data)) as Record<string, unknown>;

test('a message is seen by the numbers of its fields', () => {
  expect(view(message)).toEqual({
    1: 'tea',
    2: 150,
    3: [{ 1: 7 }, { 1: 8, 2: 'cup' }],
    4: 2.5,
    5: 1.5,
    6: -1,
    9: '//4A',
  });
});

describe('what a path names is changed, and every other byte stays', () => {
  test.each([
    ['a text', "$['1']", 'coffee', '0a06636f66666565'],
    ['an integer', "$['2']", 7, '1007'],
    ['a negative integer', "$['2']", -2, '10feffffffffffffffff01'],
    ['one beyond 2^53, as text', "$['2']", '9007199254740993', '108180808080808010'],
    ['a boolean', "$['2']", true, '1001'],
  ])('%s', (_, path, value, hex) => {
    const { data, changed } = editProtobuf(message, { [path]: value });
    expect(changed).toBe(1);
    const before = path.includes('1') ? '0a03746561' : '109601';
    expect(data.toString('hex')).toBe(message.toString('hex').replace(before, hex));
  });

  test('within a message of a list, with its length made right', () => {
    const { data } = editProtobuf(message, { "$['3'][1]['2']": 'a cup that is much longer than before' });
    expect(view(data)['3']).toEqual([{ 1: 7 }, { 1: 8, 2: 'a cup that is much longer than before' }]);
    expect(data.subarray(0, 12)).toEqual(message.subarray(0, 12));
    expect(data.subarray(-28)).toEqual(message.subarray(-28));
  });

  test('double and float, and bytes from Base64', () => {
    const { data, changed } = editProtobuf(message, { "$['4']": 9.25, "$['5']": 0.5, "$['9']": '/wA=' });
    expect(changed).toBe(3);
    expect(view(data)).toMatchObject({ 4: 9.25, 5: 0.5, 9: '/wA=' });
  });

  test('a path may find several', () => {
    const { data, changed } = editProtobuf(message, { "$['3'][*]['1']": 0 });
    expect(changed).toBe(2);
    expect(view(data)['3']).toEqual([{ 1: 0 }, { 1: 0, 2: 'cup' }]);
  });

  test('a field is taken out, one of several too', () => {
    expect(view(editProtobuf(message, { "$['1']": { $delete: true } }).data)).not.toHaveProperty('1');
    expect(view(editProtobuf(message, { "$['3'][0]": { $delete: true } }).data)['3']).toEqual({ 1: 8, 2: 'cup' });
  });
});

test('a field that has its default value is not in the bytes, and can be put there', () => {
  const { data, changed } = editProtobuf(message, { "$['7']": 5, "$['3'][0]['2']": 'mug', "$['8']": 0.5 });
  expect(changed).toBe(3);
  expect(view(data)).toMatchObject({ 7: 5, 3: [{ 1: 7, 2: 'mug' }, { 1: 8 }], 8: 0.5 });
});

test('what names no place changes nothing', () => {
  for (const path of ["$['7']['1']", '$.name', "$['3'][5]['1']", "$['7'][2]", "$['2']['1']"])
    expect(editProtobuf(message, { [path]: 1 })).toEqual({ data: message, changed: 0 });
});

test.each([
  ["$['2']", 'many', 'Field 2 is an integer: "many" is none'],
  ["$['2']", 1.5, 'Field 2 is an integer: 1.5 is none'],
  ["$['4']", 'x', 'Field 4 is a number: "x" is none'],
  ["$['1']", 5, 'Field 1 is a text: 5 is none'],
  ["$['3'][0]", 5, 'Field 3 is a message: name a field of it'],
])('%s cannot become %j', (path, value, why) => {
  expect(() => editProtobuf(message, { [path]: value })).toThrow(new NotProtobuf(why));
});

test('what is no message is refused', () => {
  expect(() => editProtobuf(Buffer.from('hello'), { "$['1']": 1 })).toThrow(NotProtobuf);
});
