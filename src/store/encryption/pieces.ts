/** What comes after a head; `return` and `throw` give up the source, whether anything was read or not. */
export type Rest = AsyncIterable<Buffer> & Required<AsyncIterator<Buffer, undefined>>;

/** The first `length` bytes of a stream (fewer, when it has no more) and what comes after them. */
export async function takeHead(source: AsyncIterable<Buffer>, length: number): Promise<{ head: Buffer; rest: Rest }> {
  const chunks = source[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  while (read.length < length) {
    const next = await chunks.next();
    if (next.done === true) break;
    read = Buffer.concat([read, next.value]);
  }
  let first = read.subarray(length);
  const done = { value: undefined, done: true as const };
  const rest: Rest = {
    [Symbol.asyncIterator]: () => rest,
    next: async () => {
      const value = first;
      first = Buffer.alloc(0);
      if (value.length > 0) return { value, done: false };
      const next = await chunks.next();
      return next.done === true ? done : next;
    },
    return: async () => {
      await chunks.return?.(); // whoever stops reading closes the file
      return done;
    },
    // What reads on behalf of a stream that was destroyed hands its error in here.
    throw: async (error: unknown) => {
      await chunks.return?.();
      throw error;
    },
  };
  return { head: read.subarray(0, length), rest };
}

export interface Piece {
  data: Buffer;
  last: boolean;
}

/** A stream in pieces of exactly `size` bytes; the last one may have fewer, or none when there are none at all. */
export async function* inPieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Piece, void, undefined> {
  let pending: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    pending.push(chunk);
    length += chunk.length;
    if (length <= size) continue;
    const all = Buffer.concat(pending, length);
    let at = 0;
    // What might be the last piece waits until more has come.
    for (; length - at > size; at += size) yield { data: all.subarray(at, at + size), last: false };
    pending = [all.subarray(at)];
    length -= at;
  }
  yield { data: Buffer.concat(pending, length), last: true };
}
