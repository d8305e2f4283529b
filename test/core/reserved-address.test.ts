import { expect, test } from 'vitest';
import { isLoopbackHost } from '../../src/core/loopback-host.js';
import { canonicalAddress, reservedKind } from '../../src/core/reserved-address.js';

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.255.3.4', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['0.1.2.3', 'loopback'],
  ['::1', 'loopback'],
  ['::', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::FFFF:7f00:1', 'loopback'],
  ['::ffff:0:7f00:1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['169.254.169.254', 'metadata'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['64:ff9b::169.254.169.254', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['fd00:0ec2:0:0::254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf::1', 'link-local'],
])('%s is reserved: %s', (address, kind) => expect(reservedKind(address)).toBe(kind));

test.each([
  '126.255.255.255',
  '128.0.0.1',
  '1.0.0.0',
  '10.0.0.1',
  '192.168.1.1',
  '169.253.255.255',
  '169.255.0.1',
  '100.100.100.201',
  '::2:0:1',
  '::ffff:10.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  'fe7f::1',
  'fec0::1',
  'fd00:ec2::255',
  '2001:db8::1',
  'localhost',
  '',
  '127.1',
])('%j is no reserved address', (address) => expect(reservedKind(address)).toBeUndefined());

test.each([
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['FE80::0001%eth0', 'fe80::1'],
  ['10.0.0.1', '10.0.0.1'],
])('%s is written %s', (address, written) => expect(canonicalAddress(address)).toBe(written));

test.each(['127.0.0.1', '127.9.9.9', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])(
  'what listens on %s is reached by this machine alone',
  (host) => expect(isLoopbackHost(host)).toBe(true),
);

test.each([
  '0.0.0.0',
  '::',
  '[::]',
  '0:0:0:0:0:0:0:0',
  '192.168.1.5',
  'my-machine.local',
  'fe80::1',
  '0.0.0.1',
  '::ffff:0.0.0.0',
])('what listens on %s is reached by others', (host) => expect(isLoopbackHost(host)).toBe(false));
