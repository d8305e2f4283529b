import { parseGrpcFrames, protobufCarrier, trailerFlags, writeGrpcFrames, type GrpcFrame } from '../http/index.js';

/** How a media type carries messages of protobuf, gRPC-Web as text included. Undefined when it does not. */
export type MessageCarrier = 'bare' | 'framed' | 'framed-text';

const webText = /^application\/grpc-web-text(?:\+proto)?$/;

export function messageCarrier(contentType: string | undefined): MessageCarrier | undefined {
  const essence = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return webText.test(essence) ? 'framed-text' : protobufCarrier(essence);
}

export interface MessageBody {
  messages: Buffer[];
  /** The body with other messages, as many as there were; frames of trailers stay where they were. */
  write(messages: readonly Buffer[]): Buffer;
}

/** The messages in a body; undefined when it does not hold what its type says. `encoding`: that of `grpc-encoding`. */
export function readMessages(
  body: Buffer,
  carrier: MessageCarrier,
  encoding: string | undefined,
): MessageBody | undefined {
  if (carrier === 'bare') return { messages: [body], write: ([message]) => message ?? body };
  const text = carrier === 'framed-text';
  const frames = parseGrpcFrames(text ? fromBase64Parts(body) : body, encoding);
  if (frames === undefined) return undefined;
  const isMessage = ({ flags }: GrpcFrame): boolean => (flags & trailerFlags) === 0;
  return {
    messages: frames.filter(isMessage).map(({ message }) => message),
    write: (messages) => {
      const left = [...messages];
      const written = frames.map((frame) => ({
        ...frame,
        message: isMessage(frame) ? (left.shift() ?? frame.message) : frame.message,
      }));
      const bytes = writeGrpcFrames(written, encoding);
      return text ? Buffer.from(bytes.toString('base64')) : bytes;
    },
  };
}

/** gRPC-Web's text is pieces of Base64, each with its own padding. */
function fromBase64Parts(body: Buffer): Buffer {
  const parts = body.toString('latin1').match(/[^=]+={0,2}/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}
