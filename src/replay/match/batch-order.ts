/** How the calls of a recorded batch and of an incoming one go together. */
export interface BatchOrder {
  /** Of each recorded call, the place of the one that it is now. */
  places: readonly number[];
  /** Of each recorded call, its id as it is written, where it has one. */
  ids: readonly (string | undefined)[];
}
