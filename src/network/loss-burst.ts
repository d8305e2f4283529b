import { z } from 'zod';
import { parseDuration, parseProbability } from '../core/units.js';
import { ProxyctlError, UsageError } from '../errors/index.js';

/** Which packets get lost, as the model of the network takes it. */
type PacketLossModel =
  | { kind: 'bernoulli'; p: number }
  | { kind: 'gilbert-elliott'; p: number; r: number; lossInBad: number; lossInGood: number }
  | { kind: 'timed-bursts'; burstMs: number; gapMs: number; lossInBurst: number; lossInGap: number };

const longestBurst = 10_000;
const longestBurstMs = 600_000;

/**
 * How losses cluster, as the toxic keeps it: a number is the mean length of a burst in packets; text is that in time
 * (`300ms`) or `p/r/h/k`, each as `1%` or `0.01`.
 */
export const burst = z
  .union([z.number(), z.string()])
  .transform((input, context): number | string => {
    try {
      return readBurst(input);
    } catch (error) {
      if (!(error instanceof ProxyctlError)) throw error;
      const message = [error.message, error.hint?.replace(/\.$/, '')].filter(Boolean).join('. ');
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  })
  .pipe(z.union([z.number(), z.string()]))
  .meta({ placeholder: 'burst' });

/** Returns what is wrong where loss and burst do not go together. */
export function lossModel(attributes: {
  loss?: number | undefined;
  burst?: number | string | undefined;
}): PacketLossModel | UsageError {
  const { loss, burst: length } = attributes;
  if (typeof length === 'string' && length.includes('/')) return fourParameters(length, loss);
  if (loss === undefined) {
    return new UsageError('The share of lost packets is missing', {
      hint: 'For example: proxyctl toxic packet-loss 3%',
    });
  }
  if (length === undefined || loss === 0 || loss === 1) return { kind: 'bernoulli', p: loss };
  if (typeof length === 'number') return burstsInPackets(loss, length);
  const burstMs = parseDuration(length);
  return { kind: 'timed-bursts', burstMs, gapMs: (burstMs * (1 - loss)) / loss, lossInBurst: 1, lossInGap: 0 };
}

/** All packets of a burst are lost, none between (Gilbert): 1/r is its length, p/(p + r) the share. */
function burstsInPackets(loss: number, length: number): PacketLossModel | UsageError {
  const r = 1 / length;
  const p = (r * loss) / (1 - loss);
  if (p <= 1) return { kind: 'gilbert-elliott', p, r, lossInBad: 1, lossInGood: 0 };
  const least = Math.ceil(Number((loss / (1 - loss)).toPrecision(12)));
  return new UsageError(`A loss of ${percent(loss)} cannot come in bursts of ${length} packets on average`, {
    hint: `At least ${least} packets: at this share shorter bursts would follow each other without a gap.`,
    data: { loss, burst: length },
  });
}

function fourParameters(text: string, loss: number | undefined): PacketLossModel | UsageError {
  const [p = 0, r = 0, h = 0, k = 1] = text.split('/').map(parseProbability);
  const bad = p === 0 ? 0 : p / (p + r);
  const mean = bad * (1 - h) + (1 - bad) * (1 - k);
  if (loss !== undefined && Math.abs(loss - mean) > 0.0005) {
    return new UsageError(`The burst ${text} loses ${percent(mean)} of packets, not ${percent(loss)}`, {
      hint: `Leave the share out, or write ${percent(mean)}.`,
      data: { loss, burst: text, mean },
    });
  }
  return { kind: 'gilbert-elliott', p, r, lossInBad: 1 - h, lossInGood: 1 - k };
}

function readBurst(input: number | string): number | string {
  const packets = typeof input === 'number' ? input : /^\s*\d+(\.\d+)?\s*$/.test(input) ? Number(input) : undefined;
  if (packets !== undefined) {
    if (packets >= 1 && packets <= longestBurst) return packets;
    throw new UsageError(`${packets} is out of range: from 1 to ${longestBurst} packets`);
  }
  const text = String(input).trim();
  if (text.includes('/')) {
    const shares = text.split('/');
    if (shares.length !== 4) {
      throw new UsageError(`"${text}" is not p/r/h/k`, { hint: 'Write four shares, like 1%/20%/0%/100%.' });
    }
    shares.forEach((part) => parseProbability(part));
    return text;
  }
  const ms = parseDuration(text);
  if (ms < 1 || ms > longestBurstMs)
    throw new UsageError(`"${text}" is out of range: from 1ms to ${longestBurstMs / 1000}s`);
  return text;
}

function percent(value: number): string {
  return `${Number((value * 100).toPrecision(3))}%`;
}
