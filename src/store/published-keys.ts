import { mapAhead } from './map-ahead.js';
import type { CurrentPointer } from './pointer.js';
import type { RecordingStore } from './recording-store.js';

interface PublishedFilter {
  /** Tests that begin with this only. */
  prefix?: string | undefined;
  /** One branch only (`undefined` within the list: the main one). Left out: all. */
  branches?: readonly (string | undefined)[] | undefined;
  /** Test by test, so that the store's cache knows of each what it has published: slower. */
  remembered?: boolean;
}

/** Tests that are looked up at once. */
const ahead = 16;

/**
 * What is published in a store, a test at a time, in the order of `testIds`: on the main branch first. Holds what some
 * tests have in memory.
 */
export async function* publishedIn(
  store: RecordingStore,
  { prefix, branches, remembered = false }: PublishedFilter = {},
): AsyncGenerator<CurrentPointer, void, undefined> {
  for await (const branch of branches ?? allBranches(store)) {
    if (!remembered) {
      yield* store.publishedOn(branch, prefix ?? '');
      continue;
    }
    const published = mapAhead(store.testIds({ prefix, branch }), ahead, (testId) => store.published(testId, branch));
    for await (const pointers of published) yield* pointers;
  }
}

/** The main one first. */
export async function* allBranches(store: RecordingStore): AsyncGenerator<string | undefined, void, undefined> {
  yield undefined;
  yield* store.branches();
}
