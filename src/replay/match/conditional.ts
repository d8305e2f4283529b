/** Statuses that only make sense as the response to the very condition or range that was recorded. */
export const conditionalStatuses: ReadonlySet<number> = new Set([206, 304, 412, 416]);

/** Headers that ask for a part of the response, or for none if the client has it. */
export const conditionalHeaders: ReadonlySet<string> = new Set([
  ...['range', 'if-range', 'if-none-match', 'if-modified-since'],
]);
