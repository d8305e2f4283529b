import { expect, test } from 'vitest';
import type { FaultReceipt } from '../../src/http/index.js';
import { FaultLedger, type FaultSubject } from '../../src/worker/fault-ledger.js';
import type { Toxic } from '../../src/toxics/toxic.js';

const latency: Toxic = {
  name: 'slow',
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
  attributes: { latency: 30, jitter: 0 },
  foreign: false,
};
const subject: FaultSubject = { streams: [], applies: () => true };
const createLedger = (): FaultLedger => new FaultLedger({ modelled: () => false, meterOf: () => undefined });

function met(ledger: FaultLedger, watch: Parameters<FaultLedger['end']>[0]): FaultReceipt[] {
  let receipts: FaultReceipt[] = [];
  ledger.end(watch, subject, (faults) => (receipts = faults));
  return receipts;
}

test('where nothing stands exchanges share one watch, and end without a receipt', () => {
  const ledger = createLedger();
  const [first, second] = [ledger.watchQuietly(), ledger.watchQuietly()];
  expect(first).toBeDefined();
  expect(second).toBe(first);
  if (first === undefined) return;
  expect(ledger.endQuietly(first)).toBe(true);
  expect(ledger.endQuietly(first)).toBe(true);
});

test('a toxic that comes while quiet exchanges are under way met each of them in part, and none that began after it went', () => {
  const ledger = createLedger();
  const before = [ledger.watchQuietly(), ledger.watchQuietly()];
  ledger.setActiveToxics([latency]);
  expect(ledger.watchQuietly()).toBeUndefined();
  ledger.setActiveToxics([]);
  const after = ledger.watchQuietly();
  expect(after).toBeDefined();
  expect(after).not.toBe(before[0]);
  for (const watch of before) {
    if (watch === undefined) throw new Error('it was not quiet');
    expect(ledger.endQuietly(watch)).toBe(false);
    expect(met(ledger, watch)).toMatchObject([{ toxic: 'slow', kind: 'toxiproxy', partly: true }]);
  }
  if (after !== undefined) expect(ledger.endQuietly(after)).toBe(true);
});

test('an exchange that a toxic stood over from its begin to its end met all of it', () => {
  const ledger = createLedger();
  ledger.setActiveToxics([latency]);
  const [receipt] = met(ledger, ledger.watch(subject));
  expect(receipt).toMatchObject({ toxic: 'slow', settings: { latency: 30 } });
  expect(receipt).not.toHaveProperty('partly');
});
