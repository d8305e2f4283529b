/** The ends of the whole messages in a gRPC or Connect stream: a flag byte, four of length, and the message, each. */
export function frameEnds(data: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at + 5 <= data.length;) {
    at += 5 + data.readUInt32BE(at + 1);
    if (at > data.length) break;
    ends.push(at);
  }
  return ends;
}

/** How many of the messages are whole within the first `bytes`. */
export function framesWithin(ends: readonly number[], bytes: number): number {
  return ends.filter((end) => end <= bytes).length;
}
