import { z } from 'zod';
import { bytesWithin, microsecondsWithin } from '../core/quantities.js';
import { UsageError } from '../errors/index.js';
import { defineToxic } from './define-toxic.js';

/** Toxiproxy reads at most this much at a time, and slices what it has read. */
const chunkBytes = 32_768;

/**
 * Cuts data into pieces of `average_size ± size_variation` bytes, with `delay` microseconds after each. An average of 0
 * and a variation above the average make Toxiproxy 2.12 crash on the first data; its documentation asks for less than
 * the average, and so do we.
 */
export const slicer = defineToxic({
  type: 'slicer',
  summary: 'Cut data into small pieces, with an optional delay after each',
  notes: [
    'The pieces are separate writes; the TCP of either side may join them again where there is no delay.',
    'The delay of each piece adds up over an answer: 1 MB in pieces of 1 kB with 10ms takes 10 s.',
  ],
  attributes: z.strictObject({
    average_size: bytesWithin({ min: 1, max: chunkBytes }).describe('Mean size of a piece'),
    size_variation: bytesWithin({ max: chunkBytes - 1 })
      .default(0)
      .describe('Largest deviation from the mean, either way; less than the mean'),
    delay: microsecondsWithin({ whole: true, max: 60_000_000 }).default(0).describe('Pause after each piece'),
  }),
  argument: 'average_size',
  examples: ['toxic slicer 64b --size-variation 32b --delay 10ms'],
  toxiproxy: { since: '2.0.0', toWire: (attributes) => [{ type: 'slicer', attributes }] },
  check({ average_size, size_variation }) {
    if (size_variation < average_size) return undefined;
    return new UsageError(
      `The size variation (${size_variation}b) is not less than the average size (${average_size}b)`,
      {
        hint: `Write at most ${average_size - 1}b.`,
        data: { average_size, size_variation },
      },
    );
  },
});
