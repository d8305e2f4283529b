/** The only source of the time of day. Passed in, so that replay and tests can have a time of their own. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z, with a fraction. */
  now(): number;
}

/**
 * Goes on evenly from when this process started, whatever is done to the system's clock: for all that begins, ends or
 * is due after a time.
 */
export const systemClock: Clock = { now: () => performance.timeOrigin + performance.now() };

/** Follows changes of the system's clock (libfaketime, NTP); whole milliseconds. */
export const wallClock: Clock = { now: () => Date.now() };
