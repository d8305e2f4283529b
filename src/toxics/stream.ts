/** `upstream`: client → server; `downstream`: server → client (Toxiproxy's words). */
export type Stream = 'upstream' | 'downstream';

/** The same for each of these streams. */
export function onStreams<T>(streams: readonly Stream[], value: T): Partial<Record<Stream, T>> {
  return Object.fromEntries(streams.map((stream) => [stream, value]));
}
