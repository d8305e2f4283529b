import type { CurrentPointer, RecordingStore } from './recording-store.js';

export interface PublishedFilter {
  /** Tests that begin with this only. */
  prefix?: string | undefined;
  /** One branch only (`undefined` within the list: the main one). Left out: all. */
  branches?: readonly (string | undefined)[] | undefined;
}

/** Tests that are looked up at once. */
const ahead = 16;

/** What is published in a store, a test at a time, in the order of `testIds`: on the main branch first. Holds what some tests have in memory. */
export async function* publishedIn(
  store: RecordingStore,
  { prefix, branches }: PublishedFilter = {},
): AsyncGenerator<CurrentPointer, void, undefined> {
  for await (const branch of branches ?? allBranches(store)) {
    const coming: Promise<CurrentPointer[]>[] = [];
    for await (const testId of store.testIds({ prefix, branch })) {
      const published = store.published(testId, branch);
      published.catch(() => undefined); // thrown when its turn comes
      coming.push(published);
      if (coming.length >= ahead) yield* (await coming.shift()) ?? [];
    }
    for (const published of coming) yield* await published;
  }
}

/** The main one first. */
export async function* allBranches(store: RecordingStore): AsyncGenerator<string | undefined, void, undefined> {
  yield undefined;
  yield* store.branches();
}
