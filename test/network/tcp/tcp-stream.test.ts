import { describe, expect, test } from 'vitest';
import { createLossProcess, type LossModel } from '../../../src/network/loss-process.js';
import { createRandom } from '../../../src/network/random.js';
import { congestionControls } from '../../../src/network/tcp/congestion-controls.js';
import { between, oneOf, seeded } from '../../helpers/seeded.js';
import { losing, streamTrial, type StreamTrial } from '../../helpers/scripted-link.js';

const mss = 1448;

/** When the last byte of one write arrived. */
function transferMs(trial: StreamTrial, bytes: number): number {
  trial.stream.write(bytes);
  trial.events.advanceTo(300_000);
  expect(trial.received()).toBe(bytes);
  return trial.arrivals.at(-1)?.time ?? NaN;
}

describe('without loss', () => {
  test('what fits into the initial window arrives after one delay', () => {
    expect(transferMs(streamTrial(), 10 * mss)).toBe(50);
  });

  test('more takes a round trip for each doubling of the window', () => {
    const trial = streamTrial();
    expect(transferMs(trial, (10 + 20 + 40) * mss)).toBeCloseTo(250, 0);
    const bursts = [50, 150, 250].map((time) =>
      trial.arrivals.filter((arrival) => Math.abs(arrival.time - time) < 5).reduce((sum, { bytes }) => sum + bytes, 0),
    );
    expect(bursts).toEqual([10 * mss, 20 * mss, 40 * mss]);
  });

  test('a rate is used to the full, less the headers', () => {
    const trial = streamTrial({ rttMs: 50, rate: { bytesPerMs: 1250, queuePackets: 100 } });
    const bytes = 10_000_000;
    const goodput = (bytes * 8) / transferMs(trial, bytes) / 1000;
    expect(goodput).toBeLessThan((10 * mss) / 1500);
    expect(goodput).toBeGreaterThan(0.985 * ((10 * mss) / 1500)); // the start takes a little
  });

  test('nothing is retransmitted', () => {
    const trial = streamTrial();
    transferMs(trial, 2_000_000);
    expect(trial.stream.counters).toMatchObject({ retransmissions: 0, timeouts: 0, probes: 0, recoveries: 0 });
  });
});

describe('a lost segment', () => {
  test('with others behind it is repaired after one round trip, and holds them back until then', () => {
    const trial = streamTrial({ data: losing(2) });
    expect(transferMs(trial, 8 * mss)).toBeCloseTo(150, 0);
    expect(trial.arrivals.slice(0, 2).map(({ time }) => time)).toEqual([50, 50]);
    expect(trial.stream.counters).toMatchObject({ recoveries: 1, fastRetransmissions: 1, timeouts: 0, probes: 0 });
  });

  test('with one other behind it waits for the reordering window of a quarter of the RTT as well', () => {
    const time = transferMs(streamTrial({ data: losing(0) }), 2 * mss);
    expect(time).toBeGreaterThan(150 + 25);
    expect(time).toBeLessThan(150 + 25 + 12);
  });

  test('alone is repaired after the RTT and 200 ms', () => {
    const time = transferMs(streamTrial({ data: losing(0) }), 1000);
    expect(time).toBeGreaterThan(50 + 300);
    expect(time).toBeLessThan(50 + 300 + 32 + 4);
  });

  test('at the tail is probed for after two round trips', () => {
    const trial = streamTrial({ data: losing(8, 9) });
    const time = transferMs(trial, 10 * mss);
    expect(trial.stream.counters.probes).toBe(1);
    expect(trial.stream.counters.timeouts).toBe(0);
    // The probe repeats the last segment; its SACK shows that the one before is missing too.
    expect(time).toBeGreaterThan(350);
    expect(time).toBeLessThan(500);
  });

  test('that is lost again and again is repeated at doubling times', () => {
    const trial = streamTrial({ data: losing(0, 1, 2, 3) });
    const time = transferMs(trial, 1000);
    // About 300 (probe), then the time-out of 300 ms and its doubles.
    expect(time).toBeGreaterThan(50 + 300 + 300 + 600 + 1200);
    expect(time).toBeLessThan(50 + 300 + 300 + 600 + 1200 + 450);
    expect(trial.stream.counters).toMatchObject({ probes: 1, timeouts: 3, segmentsLost: 4 });
  });

  test('shrinks the window to 0.7 of itself', () => {
    const trial = streamTrial({ data: losing(25) });
    transferMs(trial, 60 * mss);
    expect(trial.stream.sender.window.ssthresh).toBeGreaterThanOrEqual(14);
    expect(trial.stream.sender.window.ssthresh).toBeLessThan(30);
  });

  test('whose retransmission is lost too is found without a time-out while others are acknowledged', () => {
    // 10 segments, one lost; their ACKs send some new ones and the repetition, which is lost as well.
    const numbers = Array.from({ length: 40 }, (_, index) => index + 10);
    const found = numbers.filter((number) => {
      const trial = streamTrial({ data: losing(2, number) });
      transferMs(trial, 400 * mss);
      expect(trial.stream.counters.timeouts, `loss of transmission ${number}`).toBe(0);
      return trial.stream.counters.lostRetransmissions === 1;
    });
    expect(found).toHaveLength(1);
  });
});

describe('a lost ACK', () => {
  test('costs nothing when later ones follow', () => {
    expect(transferMs(streamTrial({ acks: losing(0, 1, 2) }), 30 * mss)).toBeLessThan(155);
  });

  test('makes the sender repeat what had arrived, which is told apart and undone', () => {
    let lose = true;
    const trial = streamTrial({ acks: { lost: () => lose } });
    trial.stream.write(10 * mss);
    trial.events.advanceTo(400); // a probe and its ACK are over
    lose = false;
    trial.events.advanceTo(5000);
    expect(trial.received()).toBe(10 * mss);
    expect(trial.stream.idle).toBe(true);
    expect(trial.stream.sender.window.cwnd).toBeGreaterThanOrEqual(10);
  });
});

describe('the end', () => {
  test('arrives after all bytes', () => {
    const trial = streamTrial();
    trial.stream.write(5000);
    trial.stream.end();
    trial.events.advanceTo(10_000);
    expect(trial.endedAt()).toBe(50);
    expect(trial.received()).toBe(5000);
    expect(trial.stream.idle).toBe(true);
  });

  test('is repeated when it is lost', () => {
    const trial = streamTrial({ data: losing(1) });
    trial.stream.write(1000);
    trial.events.advanceTo(200);
    trial.stream.end();
    trial.events.advanceTo(10_000);
    expect(trial.endedAt()).toBeGreaterThan(200 + 50 + 300);
    expect(trial.stream.idle).toBe(true);
  });

  test('never comes before a byte that is still missing', () => {
    const trial = streamTrial({ data: losing(0) });
    trial.stream.write(1000);
    trial.stream.end();
    trial.events.advanceTo(10_000);
    expect(trial.endedAt()).toBe(trial.arrivals.at(-1)?.time);
  });
});

describe('a connection', () => {
  test('is given up after 16 time-outs in a row, about a quarter of an hour', () => {
    const trial = streamTrial({ data: { lost: () => true } });
    trial.stream.write(1000);
    trial.events.advanceTo(600_000);
    expect(trial.timedOut()).toBe(false);
    trial.events.advanceTo(1_200_000);
    expect(trial.timedOut()).toBe(true);
    expect(trial.stream.counters.timeouts).toBe(16);
  });

  test('that was idle starts with a small window again', () => {
    const trial = streamTrial();
    trial.stream.write(100 * mss);
    trial.events.advanceTo(2000);
    expect(trial.stream.sender.window.cwnd).toBeGreaterThan(60);
    trial.events.advanceTo(20_000);
    trial.stream.write(100 * mss);
    expect(trial.stream.sender.window.cwnd).toBe(10);
  });

  test('that was closed does nothing more', () => {
    const trial = streamTrial({ data: losing(3) });
    trial.stream.write(20 * mss);
    trial.events.advanceTo(20);
    const before = trial.received();
    trial.stream.close();
    trial.events.advanceTo(10_000);
    expect(trial.received()).toBe(before);
    expect(trial.events.next).toBe(Infinity);
  });

  test('without congestion control is not slowed by losses', () => {
    const bernoulli = () => createLossProcess({ kind: 'bernoulli', p: 0.02 }, createRandom(1));
    const cubic = transferMs(streamTrial({ data: bernoulli() }), 3_000_000);
    const none = transferMs(streamTrial({ data: bernoulli(), control: 'none' }), 3_000_000);
    expect(none).toBeLessThan(1000);
    expect(cubic).toBeGreaterThan(5000);
  });

  test('with as large a window as a fast path needs costs no more per segment', () => {
    const trial = streamTrial({ rttMs: 200, control: 'none', rate: { bytesPerMs: 1e5, queuePackets: 100_000 } });
    const start = performance.now();
    transferMs(trial, 100_000_000);
    expect(performance.now() - start).toBeLessThan(5000); // 70,000 segments in windows of 2900
  });
});

/** Whatever is lost, each byte comes out once and in order, then the end, and the sender gets to know. */
describe('any pattern of loss', () => {
  const models: LossModel[] = [
    { kind: 'bernoulli', p: 0.01 },
    { kind: 'bernoulli', p: 0.2 },
    { kind: 'gilbert-elliott', p: 0.02, r: 0.2, lossInBad: 1, lossInGood: 0.01 },
    { kind: 'timed-bursts', burstMs: 400, gapMs: 1500, lossInBurst: 1, lossInGap: 0.02 },
  ];

  test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
    'delivers all that was written, once (seed %i)',
    (seed) => {
      const random = seeded(seed);
      const loss = (): { lost: (now: number) => boolean } =>
        createLossProcess(oneOf(random, models), createRandom(between(random, 1, 1e6)));
      const rate =
        random() < 0.4 ? { bytesPerMs: between(random, 20, 3000), queuePackets: between(random, 5, 200) } : undefined;
      const trial = streamTrial({
        rttMs: between(random, 1, 300),
        data: loss(),
        acks: loss(),
        control: oneOf(random, congestionControls),
        ...(rate === undefined ? {} : { rate }),
      });
      let written = 0;
      for (let write = 0; write < 12; write += 1) {
        const bytes = oneOf(random, [1, between(random, 1, 3000), between(random, 1, 150_000)]);
        trial.stream.write(bytes);
        written += bytes;
        trial.events.advanceTo(trial.events.now + between(random, 0, 800));
      }
      trial.stream.end();
      trial.events.advanceTo(trial.events.now + 1e8); // bursts of loss both ways may take hours of back-off
      if (trial.timedOut()) return; // it may be given up, as a real one
      expect(trial.received()).toBe(written);
      expect(trial.endedAt()).toBeDefined();
      expect(trial.stream.idle).toBe(true);
      expect(trial.stream.backlogBytes).toBe(0);
      const times = trial.arrivals.map(({ time }) => time);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    },
  );
});
