import { describe, expect, test } from 'vitest';
import { meanLoss } from '../../src/network/loss-process.js';
import { parseToxicAttributes } from '../../src/toxics/attributes.js';
import { lossModel } from '../../src/network/loss-burst.js';
import { packetLoss } from '../../src/toxics/packet-loss.js';
import { toxicDefinition } from '../../src/toxics/lookup.js';

const parse = (input: Record<string, unknown>) => parseToxicAttributes(toxicDefinition('packet-loss'), input);

describe('lossModel', () => {
  test.each([
    ['without bursts', { loss: 0.03 }, 0.03],
    ['in bursts of packets', { loss: 0.03, burst: 5 }, 0.03],
    ['in bursts of time', { loss: 0.03, burst: '300ms' }, 0.03],
    ['of p/r/h/k', { burst: '1%/20%/0/100%' }, 0.01 / 0.21],
    ['of p/r/h/k that loses in both states', { burst: '1%/9%/50%/99%' }, 0.1 * 0.5 + 0.9 * 0.01],
    ['of everything, whatever the burst', { loss: 1, burst: 5 }, 1],
  ])('loses the share that was asked for %s', (_, attributes, expected) => {
    const model = lossModel(attributes);
    if (model instanceof Error) throw model;
    expect(meanLoss(model)).toBeCloseTo(expected, 12);
  });

  test('a burst’s length is the mean stay in the bad state', () => {
    expect(lossModel({ loss: 0.5, burst: 4 })).toEqual({
      kind: 'gilbert-elliott',
      p: 0.25,
      r: 0.25,
      lossInBad: 1,
      lossInGood: 0,
    });
  });
});

describe('the attributes of packet-loss', () => {
  test('are kept as they were meant, with a seed that is drawn once', () => {
    const { seed, ...others } = parse({ loss: '3%', burst: '5', rtt: '100ms' });
    expect(others).toEqual({ loss: 0.03, burst: 5, rtt: 100, cc: 'cubic' });
    expect(Number.isInteger(seed)).toBe(true);
    expect(parse({ ...others, seed })).toEqual({ ...others, seed });
    expect(parse({ loss: '3%' })['seed']).not.toBe(seed);
  });

  test.each([
    [{}, 'The share of lost packets is missing'],
    [{ loss: '3' }, 'Toxic packet-loss: loss: "3" is over 1. Write 3% or 0.03'],
    [{ loss: 0.8, burst: 2 }, 'A loss of 80% cannot come in bursts of 2 packets on average'],
    [{ loss: 0.05, burst: '1%/20%/0/100%' }, 'The burst 1%/20%/0/100% loses 4.76% of packets, not 5%'],
    [{ loss: 0.05, burst: 0.5 }, 'Toxic packet-loss: burst: 0.5 is out of range: from 1 to 10000 packets'],
    [
      { loss: 0.05, burst: '1%/20%' },
      'Toxic packet-loss: burst: "1%/20%" is not p/r/h/k. Write four shares, like 1%/20%/0%/100%',
    ],
    [{ loss: 0.05, burst: '2h' }, 'Toxic packet-loss: burst: "2h" is out of range: from 1ms to 600s'],
    [{ loss: 0.05, cc: 'bbr' }, 'Toxic packet-loss: cc is "bbr"; it must be one of cubic, reno, none'],
    [{ loss: 0.05, seed: 1.5 }, 'Toxic packet-loss: seed: 1.5 is not a whole number. Write 1 or 2'],
    [{ loss: 0.05, seed: '-1' }, 'Toxic packet-loss: seed: "-1" is not a number. Write digits only, like 42'],
    [{ loss: 0.05, rtt: '2m' }, 'Toxic packet-loss: rtt: "2m" is out of range: from 0ms to 60000ms'],
  ])('%j is refused in words', (input, message) => {
    expect(() => parse(input)).toThrow(expect.objectContaining({ code: 'PROXYCTL_USAGE', message }) as Error);
  });

  test('are nothing to Toxiproxy', () => {
    expect(packetLoss.toxiproxy).toBeUndefined();
  });
});
