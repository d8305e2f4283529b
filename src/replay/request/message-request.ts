import { opcodes, type WebSocketMessage } from '../../http/index.js';
import type { ComparableRequest } from './comparable-request.js';
import { parseMediaType } from './media-type.js';

const noType = parseMediaType(undefined);

/** A message of the client as a request to match: all that is compared is its body. */
export function messageRequest({ opcode, data }: WebSocketMessage): ComparableRequest {
  const line = { method: opcode === opcodes.text ? 'TEXT' : 'BINARY', scheme: 'http', host: '', port: 0 } as const;
  return { ...line, path: '', query: '', headers: [], mediaType: noType, body: data };
}
