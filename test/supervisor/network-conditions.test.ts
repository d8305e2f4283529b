import { expect, test } from 'vitest';
import { networkConditions } from '../../supervisor/network-conditions.js';
import type { Toxic } from '../../src/toxics/toxic.js';

const loss = (stream: Toxic['stream'], attributes: Toxic['attributes'] = {}, toxicity = 1): Toxic => ({
  name: `packet-loss_${stream}`,
  type: 'packet-loss',
  stream,
  toxicity,
  attributes: { loss: 0.03, cc: 'cubic', seed: 7, ...attributes },
  foreign: false,
  kind: 'modelled',
});
const latency = (stream: Toxic['stream'], ms: number, toxicity = 1): Toxic => ({
  name: `latency_${stream}`,
  type: 'latency',
  stream,
  toxicity,
  attributes: { latency: ms, jitter: 0 },
  foreign: false,
});

test('without a modelled toxic there is no network at all', () => {
  expect(networkConditions([])).toBeUndefined();
  expect(networkConditions([latency('upstream', 50)])).toBeUndefined();
  // Toxiproxy's own, in newer builds, is none of ours.
  expect(
    networkConditions([{ ...loss('upstream'), type: 'packet_loss', foreign: true, kind: undefined }]),
  ).toBeUndefined();
});

test('the round trip is that of the latency toxics, which the stage does not delay again', () => {
  const conditions = networkConditions([latency('upstream', 20), latency('downstream', 30), loss('downstream')]);
  expect(conditions).toMatchObject({
    up: { delayMs: 20, delayedElsewhereMs: 20, losses: [] },
    down: { delayMs: 30, delayedElsewhereMs: 30, losses: [{ model: { p: 0.03 }, toxicity: 1, seed: 7 }] },
    control: 'cubic',
    handshake: { loses: true },
  });
});

test('an rtt that is given adds what the latency toxics leave of it, half each way', () => {
  expect(networkConditions([latency('downstream', 30), loss('downstream', { rtt: 100 })])).toMatchObject({
    up: { delayMs: 35, delayedElsewhereMs: 0 },
    down: { delayMs: 65, delayedElsewhereMs: 30 },
  });
});

test('a latency that spares some connections does not count', () => {
  expect(networkConditions([latency('downstream', 30, 0.5), loss('downstream')])).toMatchObject({
    up: { delayMs: 0.5, delayedElsewhereMs: 0 },
    down: { delayMs: 0.5, delayedElsewhereMs: 0 },
  });
});

test('of several toxics each loses its packets, and the last one decides on rtt and congestion control', () => {
  const conditions = networkConditions([
    loss('upstream', { rtt: 50, cc: 'reno' }),
    { ...loss('upstream', { rtt: 80, cc: 'none', burst: 5, seed: 8 }, 0.5), name: 'second' },
  ]);
  expect(conditions).toMatchObject({ up: { delayMs: 40 }, control: 'none', seed: 8 });
  expect(conditions?.up.losses.map(({ model, toxicity }) => [model.kind, toxicity])).toEqual([
    ['bernoulli', 1],
    ['gilbert-elliott', 0.5],
  ]);
});

test('a link is shared by all connections: rate, loss, round trip of the handshake, and a queue that suits its rate', () => {
  const conditions = networkConditions([], {
    down: 1448,
    up: 10,
    rtt: 100,
    jitter: 20,
    loss: 0.01,
    seed: 9,
    kind: 'modelled',
  });
  expect(conditions).toEqual({
    up: {
      delayMs: 40,
      delayedElsewhereMs: 0,
      jitterMs: 20,
      losses: [],
      rate: { bytesPerMs: (10 * 1500) / 1448, queuePackets: 10 },
      sharedLoss: { kind: 'bernoulli', p: 0.01 },
    },
    down: {
      delayMs: 40,
      delayedElsewhereMs: 0,
      jitterMs: 20,
      losses: [],
      rate: { bytesPerMs: 1500, queuePackets: 100 },
      sharedLoss: { kind: 'bernoulli', p: 0.01 },
    },
    control: 'cubic',
    handshake: { loses: true, takesRoundTrip: true },
    seed: 9,
    link: true,
  });
});

test('a link of a long round trip has a queue for it, and latency toxics come on top of it', () => {
  const toxics = [latency('downstream', 30), loss('downstream', { rtt: 100 })];
  expect(networkConditions(toxics, { down: 1448, rtt: 600, seed: 9, kind: 'modelled' })).toMatchObject({
    up: { delayMs: 300, delayedElsewhereMs: 0 },
    down: { delayMs: 330, delayedElsewhereMs: 30, rate: { queuePackets: 600 }, losses: [{ seed: 7 }] },
  });
});
