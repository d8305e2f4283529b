import type { Socket } from 'node:net';
import type { Chain } from './chain.js';
import { createRequest } from './origin.js';
import type { ReferenceCell } from './reference.js';
import { shapes, type MeasuredWorkload, type Sample, type Shape } from './workloads.js';

/** One job of a workload: a connection with its exchanges, or as many fresh connections. */
export async function runJob(chain: Chain, cell: ReferenceCell, workload: MeasuredWorkload): Promise<Sample[]> {
  const shape = shapes[workload];
  const samples: Sample[] = [];
  let socket: Socket | undefined;
  try {
    for (let index = -shape.warmUp; index < shape.perJob; index += 1) {
      socket ??= await chain.dial(cell);
      const sample = await exchange(socket, shape);
      if (index >= 0) samples.push(sample);
      if (sample.bytes < shape.response && !shape.fresh) break;
      if (shape.fresh) {
        socket.resetAndDestroy();
        socket = undefined;
      }
    }
  } finally {
    socket?.resetAndDestroy();
  }
  return samples;
}

/** Resolves with what has arrived when all of it has, when the time is over, or when the connection breaks. */
function exchange(socket: Socket, { request, response, limitMs }: Shape): Promise<Sample> {
  return new Promise((resolve) => {
    const start = performance.now();
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      socket.off('data', take).off('close', finish).off('error', ignore);
      resolve({ timeMs: performance.now() - start, bytes });
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes >= response) finish();
    };
    const timer = setTimeout(finish, limitMs);
    socket.on('data', take).on('close', finish).on('error', ignore);
    socket.write(createRequest(request, response));
  });
}

/** `close` follows, and what had arrived is the result. */
const ignore = (): void => undefined;
