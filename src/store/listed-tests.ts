import type { ListedObject } from './objects/object-store.js';
import { harName, pointerName } from './recording-layout.js';

/** What a listing shows of one test, without any content, in the order of the keys. */
export interface ListedTest {
  segment: string;
  pointers: ListedObject[];
  hars: ListedObject[];
}

/** The tests of a folder in a listing of the objects in it. Holds one test at a time. */
export async function* listedTests(
  objects: AsyncIterable<ListedObject>,
  folder: string,
): AsyncGenerator<ListedTest, void, undefined> {
  let test: ListedTest | undefined;
  for await (const object of objects) {
    const [segment = '', version, ...path] = object.key.slice(folder.length + 1).split('/');
    if (version === undefined) continue;
    if (segment !== test?.segment) {
      if (test !== undefined) yield test;
      test = { segment, pointers: [], hars: [] };
    }
    if (path.length === 1 && path[0] === pointerName) test.pointers.push(object);
    if (path.length === 2 && path[1] === harName) test.hars.push(object);
  }
  if (test !== undefined) yield test;
}
