import type { CurrentPointer, RecordingStore } from './recording-store.js';

export interface PublishedFilter {
  /** Tests that begin with this only. */
  prefix?: string | undefined;
  /** One branch only (`undefined` within the list: the main one). Left out: all. */
  branches?: readonly (string | undefined)[] | undefined;
}

/** What is published in a store, a test at a time: on the main branch first. Holds one test's in memory. */
export async function* publishedIn(
  store: RecordingStore,
  { prefix, branches }: PublishedFilter = {},
): AsyncGenerator<CurrentPointer, void, undefined> {
  for await (const branch of branches ?? allBranches(store)) {
    for await (const testId of store.testIds({ prefix, branch })) yield* await store.published(testId, branch);
  }
}

async function* allBranches(store: RecordingStore): AsyncGenerator<string | undefined, void, undefined> {
  yield undefined;
  yield* store.branches();
}
