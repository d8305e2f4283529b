/** A stream of pseudo-random numbers, each in [0, 1). The same seed gives the same stream on every machine. */
export type Random = () => number;

/** Chris Doty-Humphrey's sfc32: 128 bits of state in four 32-bit words, passes PractRand, and is fast in JavaScript. */
export function createRandom(seed: number): Random {
  let a = 0;
  let b = 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 4_294_967_296;
  };
  // Neighbouring seeds start alike; after twelve rounds (its author's number) they no longer do.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/**
 * A seed of its own for the `index`-th thing under `seed` (a connection, a direction): mixed, so that none are alike.
 */
export function deriveSeed(seed: number, index: number): number {
  let mixed = (seed ^ Math.imul(index + 1, 0x9e37_79b1)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
