import { randomInt } from 'node:crypto';

/** A seed that nobody has chosen: a whole number from 0 to 2³² − 1. */
export function randomSeed(): number {
  return randomInt(0x1_0000_0000);
}
