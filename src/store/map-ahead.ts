/**
 * What `work` makes of each item, in their order, with the work on up to `limit` items under way at once. A failure is
 * thrown when its turn comes.
 */
export async function* mapAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const coming: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // thrown below
    coming.push(result);
    const first = coming.length >= limit ? coming.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const result of coming) yield await result;
}
