import { frameEnds, type Dialogue, type StreamPiece } from '../../http/index.js';
import { framesWithin } from './frame-lengths.js';

/** A recorded call, message by message. */
export interface DialogueScript {
  /**
   * The response's messages, each with the number of the request's that it followed upon; Infinity: upon all and their
   * end. `afterMs`: milliseconds since the request began; undefined: not known.
   */
  answers: { data: Buffer; after: number; afterMs: number | undefined }[];
  request: Buffer;
  /** Where the request's messages end. */
  requestEnds: number[];
  endedFirst: boolean;
}

export function scriptOf(
  { turns, endedFirst }: Dialogue,
  request: Buffer,
  answer: Buffer,
  pieces: readonly StreamPiece[] = [],
): DialogueScript {
  const requestEnds = frameEnds(request);
  const ends = frameEnds(answer);
  const answers = ends.map((end, at) => {
    const turn = turns.find(([answerBytes]) => answerBytes >= end);
    const data = answer.subarray(ends[at - 1] ?? 0, end);
    const afterMs = pieces.find(([bytes]) => bytes >= end)?.[1];
    return { data, afterMs, after: turn === undefined ? Infinity : framesWithin(requestEnds, turn[1]) };
  });
  return { answers, request, requestEnds, endedFirst: endedFirst === true };
}
