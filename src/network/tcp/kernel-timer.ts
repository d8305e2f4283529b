/** One tick of a kernel with CONFIG_HZ=250, ms. */
export const tickMs = 4;

/**
 * When a kernel timer fires that is set at `now` for `delayMs`. Linux keeps timers in a wheel whose slots grow coarser
 * with the delay: 4 ms up to 248 ms, 32 ms to 2 s, 256 ms to 16 s, then 2 s; a timer fires at the end of its slot.
 */
export function kernelTimerExpiry(now: number, delayMs: number): number {
  const ticks = Math.max(1, wholeTicks(delayMs));
  const slot = slotTicks(ticks);
  const expires = Math.floor(now / tickMs) + ticks;
  return (Math.floor(expires / slot) + 1) * slot * tickMs;
}

/** A delay as the kernel counts it: whole ticks, rounded up, ms. */
export function roundUpToTick(delayMs: number): number {
  return wholeTicks(delayMs) * tickMs;
}

function wholeTicks(delayMs: number): number {
  return Math.ceil(delayMs / tickMs - 1e-9);
}

/** 64 slots a level, each level eight times as coarse as the one before. */
function slotTicks(ticks: number): number {
  let slot = 1;
  while (ticks >= 63 * slot && slot < 8 ** 8) slot *= 8;
  return slot;
}
