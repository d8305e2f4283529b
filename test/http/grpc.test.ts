import { expect, test } from 'vitest';
import { grpcError, grpcStatus, header, isGrpc } from '../../src/http/index.js';

test.each([
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['Application/gRPC; charset=utf-8', true],
  ['application/grpc-web+proto', false],
  ['application/json', false],
])('content type %s: gRPC %s', (type, expected) => {
  expect(isGrpc(['Content-Type', type])).toBe(expected);
});

test('an error is one block of headers, its message percent-encoded and cut to what clients take', () => {
  const { status, headers, body } = grpcError(grpcStatus.unavailable, 'na\u00efve 100%\n');
  expect([status, body.length, header(headers, 'grpc-status')]).toEqual([200, 0, '14']);
  expect(header(headers, 'grpc-message')).toBe('na%C3%AFve 100%25%0A');
  const long = header(grpcError(grpcStatus.internal, '\u2603'.repeat(5000)).headers, 'grpc-message') ?? '';
  expect(long.length).toBeLessThan(6000);
  expect(decodeURIComponent(long)).toMatch(/^\u2603+\ufffd?\.\.\.$/);
});
