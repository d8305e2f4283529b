import {
  protobufCarrier,
  readFrames,
  trailerFlags,
  writeFrames,
  type GrpcFrame,
  type MessageCarrier,
} from '../http/index.js';

/** How a content type carries messages of protobuf. Undefined when it does not. */
export function messageCarrier(contentType: string | undefined): MessageCarrier | undefined {
  return protobufCarrier((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

interface MessageBody {
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
  const frames = readFrames(body, carrier, encoding);
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
      return writeFrames(written, carrier, encoding);
    },
  };
}
