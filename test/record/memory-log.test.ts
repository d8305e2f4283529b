import { expect, test } from 'vitest';
import { Body } from '../../src/http/index.js';
import { entryOf, MemoryLog } from '../../src/record/memory-log.js';
import { createRecorder } from '../../src/record/recorder.js';
import { exchangeOf, responseOf } from '../helpers/exchange.js';

async function recorded(log: MemoryLog, sizes: readonly number[]): Promise<void> {
  let next = 0;
  const recorder = createRecorder({ journal: log, sessionId: 's', nextIndex: () => next++ });
  for (const [index, size] of sizes.entries()) {
    const answer = await recorder.interceptor(exchangeOf(index), async () =>
      responseOf(Body.of(Buffer.alloc(size, 'x'))),
    );
    await answer.body.bytes();
  }
}

test('the newest exchanges are kept, and it is known how many are not', async () => {
  const log = new MemoryLog({ most: 2 });
  await recorded(log, [1, 2, 3]);
  expect(log.exchanges().map(({ record, response }) => [record.index, response?.length])).toEqual([
    [1, 2],
    [2, 3],
  ]);
  expect(log.dropped).toBe(1);
});

test('bodies are kept up to a sum, large ones among them, and the last exchange always', async () => {
  const log = new MemoryLog({ mostBytes: 500_000 });
  await recorded(log, [300_000, 300_000]);
  expect(log.exchanges().map(({ record }) => record.index)).toEqual([1]);
  expect(log.exchanges()[0]?.response?.length).toBe(300_000);
  await recorded(log, [900_000]);
  expect(log.exchanges()).toHaveLength(1);
});

test('of a body that is too large to be kept its size is known', async () => {
  const log = new MemoryLog();
  await recorded(log, [3_000_000]);
  expect(log.exchanges()[0]).toMatchObject({
    response: undefined,
    record: { response: { body: { size: 3_000_000 } } },
  });
  const [exchange] = log.exchanges();
  expect(exchange && entryOf(exchange, 4_000_000).response).toMatchObject({
    status: 200,
    bodySize: 3_000_000,
    content: { size: 3_000_000, comment: 'The body is left out: too large to stand here' },
  });
});

test('bodies stand in its entries up to the size that is asked for', async () => {
  const log = new MemoryLog();
  await recorded(log, [600_000]);
  const [exchange] = log.exchanges();
  const contentOf = (most: number) => exchange && entryOf(exchange, most).response.content;
  expect(contentOf(600_000)?.text).toHaveLength(600_000);
  expect(contentOf(599_999)).toMatchObject({ size: 600_000, comment: expect.stringContaining('left out') as string });
  expect(contentOf(599_999)?.text).toBeUndefined();
});
