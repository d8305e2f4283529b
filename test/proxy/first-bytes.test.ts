import { expect, test } from 'vitest';
import { spoken } from '../../src/proxy/first-bytes.js';

test.each([
  ['a TLS client hello', Buffer.from([0x16, 3, 1, 2, 0, 1]), 'tls'],
  ['its first byte', Buffer.from([0x16]), 'undecided'],
  ['0x16 and something else', Buffer.from([0x16, 0x20]), 'other'],
  ['GET', 'GET / HTTP/1.1\r\n', 'http'],
  ['the start of a method', 'PO', 'undecided'],
  ['a method', 'OPTIONS', 'undecided'],
  ['a method and a space', 'OPTIONS ', 'undecided'],
  ['an asterisk', 'OPTIONS * HTTP/1.1', 'http'],
  ['a method with a hyphen', 'VERSION-CONTROL /x', 'http'],
  ['an absolute URL', 'GET http://a.test/', 'http'],
  ['the start of one', 'GET ht', 'undecided'],
  ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM', 'http'],
  ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 'other'],
  ['IRC', 'NICK joe\r\n', 'other'],
  ['Redis', '*1\r\n$4\r\nPING\r\n', 'other'],
  ['SMTP in lower case', 'ehlo a\r\n', 'other'],
  ['a long word', 'A'.repeat(60), 'other'],
  ['zero bytes', Buffer.from([0, 0, 0, 8]), 'other'],
  ['nothing', '', 'undecided'],
])('%s', (_, bytes, expected) => {
  expect(spoken(Buffer.from(bytes as string, 'latin1'))).toBe(expected);
});
