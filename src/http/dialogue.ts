/**
 * How a response and its request alternated, for a call whose request was still open when parts of its response came
 * (bidirectional gRPC). Each turn: so many bytes of the response's body had come in all when so many of the request's
 * had been sent.
 */
export interface Dialogue {
  turns: [answerBytes: number, requestBytes: number][];
  /** The response ended before its request did. */
  endedFirst?: true;
}
