/** An exchange that something was planted in: what a client sends, and what its backend answers. */
export interface Planted {
  method?: string;
  /** What stands after the case's own path: `/more?a=b`. */
  target?: string;
  headers?: readonly string[];
  trailers?: readonly string[];
  body?: Buffer | string;
  answer?: {
    status?: number;
    headers?: readonly string[];
    trailers?: readonly string[];
    /** Headers of an early answer (103). */
    early?: readonly string[];
    body?: Buffer | string;
  };
  /** Texts of messages of a WebSocket, instead of an answer. */
  messages?: readonly { opcode: 1 | 2; data: Buffer | string }[];
  /** What the failure said, instead of an answer. */
  failure?: string;
}

const type = (mediaType: string): readonly string[] => ['Content-Type', mediaType];

/** A request with a body. */
export function sends(mediaType: string, body: Buffer | string, headers: readonly string[] = []): Planted {
  return { method: 'POST', headers: [...type(mediaType), ...headers], body };
}

export function answers(mediaType: string, body: Buffer | string, headers: readonly string[] = []): Planted {
  return { answer: { headers: [...type(mediaType), ...headers], body } };
}
