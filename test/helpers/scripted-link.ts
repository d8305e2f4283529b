import { EventQueue } from '../../src/network/event-queue.js';
import { LinkDirection, type LinkRate } from '../../src/network/link-direction.js';
import { lossless, type LossProcess } from '../../src/network/loss-process.js';
import type { CongestionControlName } from '../../src/network/tcp/congestion-controls.js';
import { TcpStream } from '../../src/network/tcp/tcp-stream.js';

/** Loses the packets of these numbers, counted from 0 as they enter the link. */
export function losing(...numbers: number[]): LossProcess {
  let count = -1;
  return {
    lost: () => {
      count += 1;
      return numbers.includes(count);
    },
  };
}

export interface StreamTrial {
  events: EventQueue;
  stream: TcpStream;
  forward: LinkDirection;
  reverse: LinkDirection;
  /** What has come out, with the time at which it reached the other end. */
  arrivals: { time: number; bytes: number }[];
  received: () => number;
  /** When the end of the stream reached the other end. */
  endedAt: () => number | undefined;
  timedOut: () => boolean;
}

/** One stream over a link of its own in virtual time, whose clock starts at 0. */
export function streamTrial({
  rttMs = 100,
  data = lossless,
  acks = lossless,
  rate,
  control = 'cubic',
}: {
  rttMs?: number;
  data?: LossProcess;
  acks?: LossProcess;
  rate?: LinkRate;
  control?: CongestionControlName;
} = {}): StreamTrial {
  const events = new EventQueue();
  const forward = new LinkDirection({ delayMs: rttMs / 2, loss: data, rate });
  const reverse = new LinkDirection({ delayMs: rttMs / 2, loss: acks });
  const arrivals: StreamTrial['arrivals'] = [];
  let endedAt: number | undefined;
  let timedOut = false;
  const stream = new TcpStream(
    { events, forward, reverse, control },
    {
      passed: (bytes, fin) => {
        const time = events.now + forward.delayMs;
        if (bytes > 0) arrivals.push({ time, bytes });
        if (fin) endedAt = time;
      },
      timedOut: () => (timedOut = true),
    },
  );
  return {
    events,
    stream,
    forward,
    reverse,
    arrivals,
    received: () => arrivals.reduce((sum, { bytes }) => sum + bytes, 0),
    endedAt: () => endedAt,
    timedOut: () => timedOut,
  };
}
