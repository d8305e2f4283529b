import type { Dialogue } from '../../http/index.js';
import { frameEnds, framesWithin } from './frame-lengths.js';

/** A recorded call, message by message. */
export interface DialogueScript {
  /**
   * The response's messages, each with the number of the request's that it followed upon; Infinity: upon all and their
   * end.
   */
  answers: { data: Buffer; after: number }[];
  request: Buffer;
  /** Where the request's messages end. */
  requestEnds: number[];
  endedFirst: boolean;
}

export function scriptOf({ turns, endedFirst }: Dialogue, request: Buffer, answer: Buffer): DialogueScript {
  const requestEnds = frameEnds(request);
  const ends = frameEnds(answer);
  const answers = ends.map((end, at) => {
    const turn = turns.find(([answerBytes]) => answerBytes >= end);
    const data = answer.subarray(ends[at - 1] ?? 0, end);
    return { data, after: turn === undefined ? Infinity : framesWithin(requestEnds, turn[1]) };
  });
  return { answers, request, requestEnds, endedFirst: endedFirst === true };
}
