import { expect, test } from 'vitest';
import { DeliveryTrace, parseTrace } from '../../src/network/delivery-trace.js';
import { LinkDirection } from '../../src/network/link-direction.js';
import { lossless } from '../../src/network/loss-process.js';

test('a packet leaves at the next opportunity, small ones share one, and after the last the trace begins anew', () => {
  const trace = new DeliveryTrace([2, 5, 5, 10], 100);
  expect(trace.leave(1500, 100)).toBe(102);
  expect(trace.leave(1500, 100)).toBe(105);
  expect(trace.leave(1500, 100)).toBe(105); // two in one millisecond
  expect(trace.leave(600, 106)).toBe(110);
  expect(trace.leave(900, 106)).toBe(110);
  expect(trace.leave(1, 106)).toBe(112);
  expect(trace.leave(1500, 200)).toBe(202); // what nobody used is gone
});

test('a link with a trace carries what the trace says', () => {
  const opportunities = Array.from({ length: 100 }, (_, index) => (index + 1) * 10);
  const trace = new DeliveryTrace(opportunities, 0);
  const link = new LinkDirection({
    delayMs: 0,
    loss: lossless,
    rate: { bytesPerMs: trace.meanRate, queuePackets: 1000, trace },
  });
  expect(trace.meanRate).toBe(150);
  const times = Array.from({ length: 150 }, () => link.transmit(1500, 0));
  expect(times.slice(0, 3)).toEqual([10, 20, 30]);
  expect(times[149]).toBe(1500);
});

test.each([
  ['12\n11\n', /t, line 2: "11" is not a millisecond from 12 on/],
  ['1.5\n', /t, line 1/],
  ['', /t holds no trace/],
  ['0\n0\n', /t holds no trace/],
])('a file that is no trace is refused with its line: %j', (text, message) => {
  expect(() => parseTrace('t', text)).toThrow(message);
});

test('a trace is read as Mahimahi writes it', () => {
  expect(parseTrace('t', '# a comment\n0\n3\n3\n7\n')).toEqual({ name: 't', opportunities: [0, 3, 3, 7] });
});
