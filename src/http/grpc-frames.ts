import { gunzipSync, gzipSync, inflateSync, deflateSync } from 'node:zlib';

/** One message of a gRPC, gRPC-Web or Connect stream: a flag byte, four of length, and the message. */
export interface GrpcFrame {
  flags: number;
  /** Its compression undone. */
  message: Buffer;
}

const compressed = 1;
/** gRPC-Web ends with a frame of trailers, Connect with one of JSON; both have a flag of their own. */
export const trailerFlags = 0x80 | 0x02;

/** Undefined when the bytes are no whole frames, or in a compression that is not known. */
function parseGrpcFrames(data: Buffer, encoding: string | undefined): GrpcFrame[] | undefined {
  const frames: GrpcFrame[] = [];
  let at = 0;
  while (at < data.length) {
    if (at + 5 > data.length) return undefined;
    const flags = data[at] as number;
    const end = at + 5 + data.readUInt32BE(at + 1);
    if (end > data.length) return undefined;
    const message = decompressed(data.subarray(at + 5, end), flags, encoding);
    if (message === undefined) return undefined;
    frames.push({ flags, message });
    at = end;
  }
  return frames;
}

export function writeGrpcFrames(frames: readonly GrpcFrame[], encoding: string | undefined): Buffer {
  return Buffer.concat(
    frames.map(({ flags, message }) => {
      const body =
        (flags & compressed) === 0 ? message : encoding === 'gzip' ? gzipSync(message) : deflateSync(message);
      const head = Buffer.alloc(5);
      head[0] = flags;
      head.writeUInt32BE(body.length, 1);
      return Buffer.concat([head, body]);
    }),
  );
}

function decompressed(data: Buffer, flags: number, encoding: string | undefined): Buffer | undefined {
  if ((flags & compressed) === 0) return data;
  try {
    if (encoding === 'gzip') return gunzipSync(data);
    if (encoding === 'deflate') return inflateSync(data);
  } catch {
    return undefined; // not in this compression: the caller takes the bytes as they are
  }
  return undefined;
}

/**
 * How a media type carries protobuf: bare, in frames, or in frames written in Base64 (gRPC-Web as text). Undefined when
 * it does not.
 */
export type MessageCarrier = 'bare' | 'framed' | 'framed-text';

export function protobufCarrier(essence: string): MessageCarrier | undefined {
  if (/^application\/(?:grpc|grpc-web|connect)(?:\+proto)?$/.test(essence)) return 'framed';
  if (/^application\/grpc-web-text(?:\+proto)?$/.test(essence)) return 'framed-text';
  const bare = /^application\/(?:x-protobuf|protobuf|proto|x-protobuffer|vnd\.google\.protobuf|x-google-protobuf)$/;
  return bare.test(essence) || essence.endsWith('+protobuf') || essence.endsWith('+proto') ? 'bare' : undefined;
}

type Framed = Exclude<MessageCarrier, 'bare'>;

/**
 * The frames of a body as its carrier has them; undefined when it holds none, or in a compression that is not known.
 */
export function readFrames(body: Buffer, carrier: Framed, encoding: string | undefined): GrpcFrame[] | undefined {
  return parseGrpcFrames(carrier === 'framed-text' ? fromBase64Parts(body) : body, encoding);
}

/** The body that holds these frames. */
export function writeFrames(frames: readonly GrpcFrame[], carrier: Framed, encoding: string | undefined): Buffer {
  const bytes = writeGrpcFrames(frames, encoding);
  return carrier === 'framed-text' ? Buffer.from(bytes.toString('base64')) : bytes;
}

/** gRPC-Web's text is pieces of Base64, each with its own padding. */
function fromBase64Parts(body: Buffer): Buffer {
  const parts = body.toString('latin1').match(/[^=]+={0,2}/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}

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
