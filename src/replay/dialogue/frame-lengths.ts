/** How many of the messages are whole within the first `bytes`. */
export function framesWithin(ends: readonly number[], bytes: number): number {
  return ends.filter((end) => end <= bytes).length;
}
