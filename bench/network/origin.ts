import { createServer, type Server, type Socket } from 'node:net';

/** A request begins with its own length and that of the response it wants, each 32 bits, big-endian. */
const headerBytes = 8;
const block = Buffer.alloc(256 * 1024, 'x');

/** Serves the workloads: reads a request, writes as many bytes as it asks for. */
export function createOrigin(): Server {
  return createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy()); // the client has gone; it knows why
    serve(socket);
  });
}

export function createRequest(requestBytes: number, responseBytes: number): Buffer {
  const request = Buffer.alloc(Math.max(requestBytes, headerBytes));
  request.writeUInt32BE(request.length, 0);
  request.writeUInt32BE(responseBytes, 4);
  return request;
}

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= headerBytes && pending.length >= pending.readUInt32BE(0)) {
      const responseBytes = pending.readUInt32BE(4);
      pending = pending.subarray(pending.readUInt32BE(0));
      respond(socket, responseBytes);
    }
  });
}

function respond(socket: Socket, bytes: number): void {
  let left = bytes;
  const write = (): void => {
    while (left > 0 && !socket.destroyed) {
      const size = Math.min(left, block.length);
      left -= size;
      if (!socket.write(block.subarray(0, size)) && left > 0) return void socket.once('drain', write);
    }
  };
  write();
}
