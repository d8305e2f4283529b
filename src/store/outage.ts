/** A store that is away while something is written to it. */
export interface StoreOutage {
  /** The store, as messages name it. */
  store: string;
  /** Why it cannot be reached, in words. */
  reason: string;
  /** Since when, in milliseconds. */
  forMs: number;
  /** When it is given up. */
  limitMs: number;
}

/** How whoever writes waits for a store that is away. */
export interface OutageWait {
  /** Ends the waiting. */
  signal?: AbortSignal | undefined;
  /** Told when it begins to wait, and every few seconds from then on. */
  onOutage?: ((outage: StoreOutage) => void) | undefined;
}

export function outageText({ store, reason, forMs, limitMs }: StoreOutage): string {
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
  return `${store} has been away for ${seconds(forMs)} (${reason}); trying for ${seconds(limitMs)} in all. What was recorded is whole on this machine.`;
}
