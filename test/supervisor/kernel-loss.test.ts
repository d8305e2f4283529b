import { expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { KernelLoss } from '../../supervisor/kernel-loss.js';

const rule = { port: 5000, stream: 'upstream' as const, loss: 0.1 };

test('where nft is missing, the error says what it takes, and that the model needs none of it', async () => {
  const kernel = new KernelLoss(silentLogger, '/nonexistent/nft');
  await kernel.set([]); // nothing to do needs nothing
  await expect(kernel.set([rule])).rejects.toMatchObject({
    message: expect.stringMatching(
      /cannot be told to drop packets here: (nft is not installed|this is not Linux)/,
    ) as string,
    hint: expect.stringContaining('Without --kernel the loss is modelled') as string,
  });
  await kernel.close();
});

test('an nft that does nothing is not taken for one that works', async () => {
  const kernel = new KernelLoss(silentLogger, 'cat');
  await expect(kernel.set([rule])).rejects.toThrow(/cannot be told to drop packets here/);
  await kernel.close();
});
