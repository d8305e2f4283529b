import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bulk } from '../../helpers/bulk.js';
import { congestionControls } from '../../../src/network/tcp/congestion-controls.js';
import type { NetworkConditions } from '../../../src/network/stage/network-conditions.js';
import type { ShapedSocket } from '../../../src/network/stage/shaped-socket.js';
import type { LossModel } from '../../../src/network/loss-process.js';
import { between, oneOf, seeded } from '../../helpers/seeded.js';
import { bernoulli, network, shapedServer } from '../../helpers/shaped-server.js';

type Duplexish = Socket | ShapedSocket;

/** Sends random bytes in pieces of random size, then ends. Resolves with their digest. */
async function send(socket: Duplexish, bytes: number, random: () => number): Promise<string> {
  const hash = createHash('sha256');
  for (let left = bytes; left > 0;) {
    const chunk = randomFillSync(Buffer.alloc(Math.min(left, between(random, 1, 200_000))));
    hash.update(chunk);
    left -= chunk.length;
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  return hash.digest('hex');
}

/** Reads to the end, now and then pausing. Resolves with the digest and the number of bytes. */
async function receive(socket: Duplexish, random: () => number): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  // Without the option the iterator would destroy the socket, which may still have to send.
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    if (random() < 0.01) await new Promise((resolve) => setImmediate(resolve));
  }
  return { digest: hash.digest('hex'), bytes };
}

/** Both ends send at once; what each receives must be what the other sent. */
async function exchangeBothWays(
  conditions: NetworkConditions,
  {
    bytes,
    seed,
    during,
  }: { bytes: number; seed: number; during?: (server: Awaited<ReturnType<typeof shapedServer>>) => void },
): Promise<void> {
  const server = await shapedServer(conditions);
  const { client, served } = await server.pair();
  during?.(server);
  const [sentUp, sentDown, receivedUp, receivedDown] = await Promise.all([
    send(client, bytes, seeded(seed)),
    send(served, bytes, seeded(seed + 1)),
    receive(served, seeded(seed + 2)),
    receive(client, seeded(seed + 3)),
  ]);
  expect(receivedUp).toEqual({ digest: sentUp, bytes });
  expect(receivedDown).toEqual({ digest: sentDown, bytes });
}

describe('no byte is lost, doubled or reordered', () => {
  const megabytes = 1_000_000;

  test.each([
    ['without any loss', network()],
    ['without congestion control at 2 %', network({ loss: bernoulli(0.02), rttMs: 4, control: 'none' })],
    ['at 1 % on a path of 1 ms', network({ loss: bernoulli(0.01), rttMs: 1 })],
    [
      'over a link of 400 Mbit/s with a short queue',
      network({ rttMs: 2, rate: { bytesPerMs: 50_000, queuePackets: 20 } }),
    ],
    [
      'over a link of 400 Mbit/s whose delay the stage adds',
      network({ rttMs: 6, added: true, rate: { bytesPerMs: 50_000, queuePackets: 300 } }),
    ],
  ])(
    'many megabytes both ways %s',
    (_, conditions) => exchangeBothWays(conditions, { bytes: bulk(20 * megabytes), seed: 1 }),
    60_000,
  );

  const models: LossModel[] = [
    bernoulli(0.01),
    bernoulli(0.15),
    { kind: 'gilbert-elliott', p: 0.01, r: 0.3, lossInBad: 1, lossInGood: 0 },
    { kind: 'timed-bursts', burstMs: 20, gapMs: 200, lossInBurst: 1, lossInGap: 0.01 },
  ];

  test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'under random conditions that keep changing (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const any = (): NetworkConditions => {
        const rate =
          random() < 0.3
            ? { bytesPerMs: between(random, 500, 20_000), queuePackets: between(random, 10, 100) }
            : undefined;
        return {
          ...network({
            rttMs: between(random, 0, 10),
            added: random() < 0.5,
            control: oneOf(random, congestionControls),
          }),
          ...(random() < 0.7
            ? network({ loss: oneOf(random, models), rttMs: between(random, 0, 10), rate, seed })
            : {}),
        };
      };
      const timers: NodeJS.Timeout[] = [];
      await exchangeBothWays(any(), {
        bytes: 500_000,
        seed,
        during: ({ stage }) => void timers.push(setInterval(() => stage.update(any()), 10)),
      }).finally(() => timers.forEach(clearInterval));
    },
    60_000,
  );

  test('on 100 connections at once', async () => {
    const server = await shapedServer(network({ loss: bernoulli(0.02), rttMs: 10 }));
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const client = await server.connect();
        const received = receive(client, seeded(index));
        const digest = await send(client, 30_000, seeded(index));
        expect(await received).toEqual({ digest, bytes: 30_000 });
      }),
    );
  });
});

/** The times from writing `request` until as many bytes have come back, one after the other. */
async function roundTrips(socket: Socket, bytes: number, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    socket.write(Buffer.alloc(bytes));
    for (let left = bytes; left > 0;) left -= ((await once(socket, 'data')) as [Buffer])[0].length;
    times.push(performance.now() - start);
  }
  return times;
}

describe('time', () => {
  test('a delay that others add is not added again', async () => {
    const { connect } = await shapedServer(network({ loss: bernoulli(1e-9), rttMs: 2000 }));
    const times = await roundTrips(await connect(), 1000, 5);
    expect(Math.max(...times)).toBeLessThan(500);
  });

  test('a delay that nobody else adds is added, each way', async () => {
    const { connect } = await shapedServer(network({ rttMs: 60, added: true }));
    const times = await roundTrips(await connect(), 1000, 5);
    for (const time of times) expect(time).toBeGreaterThanOrEqual(59);
  });

  test('a delay holds back each byte, not the bytes behind it until it has arrived', async () => {
    const { pair } = await shapedServer(network({ rttMs: 200, added: true }));
    const { client, served } = await pair();
    const bytes = 8_000_000;
    const begun = performance.now();
    const [sent, received] = await Promise.all([send(served, bytes, seeded(1)), receive(client, seeded(2))]);
    expect(received).toEqual({ digest: sent, bytes });
    // One chunk after the other would take 8 s and more.
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('a lost segment holds its bytes back for the RTT and 200 ms', async () => {
    const { stage, connect } = await shapedServer(network({ loss: bernoulli(0.3), rttMs: 20, seed: 5 }));
    const socket = await connect();
    const times = await roundTrips(socket, 100, 8);
    const slow = times.filter((time) => time > 100);
    expect(slow.length).toBeGreaterThan(0);
    for (const time of slow) expect(time).toBeGreaterThanOrEqual(215);
    const [report] = stage.reports();
    expect((report?.up.segmentsLost ?? 0) + (report?.down.segmentsLost ?? 0)).toBeGreaterThan(0);
    expect((report?.up.heldMs ?? 0) + (report?.down.heldMs ?? 0)).toBeGreaterThanOrEqual(215);
  });

  test('a link limits the sum of its connections, and shares itself among them', async () => {
    const sent = Buffer.alloc(8_000_000);
    const { connect } = await shapedServer(
      network({ rttMs: 10, rate: { bytesPerMs: 2000, queuePackets: 60 } }), // 16 Mbit/s
      (socket) => {
        socket.on('error', () => undefined);
        socket.write(sent);
      },
    );
    const received = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const socket = await connect();
        let bytes = 0;
        socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
        return () => bytes;
      }),
    );
    const sum = (): number => received.reduce((total, bytes) => total + bytes(), 0);
    await new Promise((resolve) => setTimeout(resolve, 500)); // past the start
    const [start, before] = [performance.now(), sum()];
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const rate = (sum() - before) / (performance.now() - start);
    expect(rate / (2000 * (1448 / 1500))).toBeGreaterThan(0.95);
    expect(rate / (2000 * (1448 / 1500))).toBeLessThan(1.05);
    const shares = received.map((bytes) => bytes() / sum());
    for (const share of shares) expect(share).toBeGreaterThan(0.05);
  });

  test('a lost SYN delays the first bytes by a second', async () => {
    const conditions = network({ loss: bernoulli(0.25), rttMs: 4, handshake: { loses: true, takesRoundTrip: false } });
    const { stage, connect } = await shapedServer(conditions);
    const firsts = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const socket = await connect();
        const start = performance.now();
        socket.write('x');
        await once(socket, 'data');
        return performance.now() - start;
      }),
    );
    const delays = stage.reports().map(({ handshakeMs }) => handshakeMs);
    expect(delays.filter((delay) => delay > 500).length).toBeGreaterThan(3);
    for (const delay of delays) expect(delay === 0 || delay >= 1000).toBe(true);
    expect(Math.max(...firsts)).toBeGreaterThan(1000);
  });

  test('a handshake takes its round trip where that is asked for', async () => {
    const { connect } = await shapedServer(
      network({ rttMs: 100, added: true, handshake: { loses: false, takesRoundTrip: true } }),
    );
    const socket = await connect();
    const [first, second] = await roundTrips(socket, 10, 2);
    expect(first).toBeGreaterThanOrEqual(199);
    expect(second).toBeLessThan((first ?? 0) - 50);
  });
});

describe('conditions that change', () => {
  test('a loss that is removed lets what it held out in order, then is gone', async () => {
    const { stage, connect } = await shapedServer(network({ loss: bernoulli(0.5), rttMs: 10, seed: 3 }));
    const socket = await connect();
    const sent = randomFillSync(Buffer.alloc(300_000));
    const pieces: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => pieces.push(chunk));
    socket.write(sent);
    await new Promise((resolve) => setTimeout(resolve, 100));
    stage.update(network({ rttMs: 10 }));
    expect(stage.active).toBe(false);
    while (Buffer.concat(pieces).length < sent.length) await once(socket, 'data');
    expect(Buffer.concat(pieces).equals(sent)).toBe(true);
    socket.removeAllListeners('data');
    for (const time of await roundTrips(socket, 50_000, 20)) expect(time).toBeLessThan(200);
  });

  test('a loss that is added applies to a connection that is open', async () => {
    const { stage, connect } = await shapedServer(network());
    const socket = await connect();
    await roundTrips(socket, 100, 5);
    stage.update(network({ loss: bernoulli(0.2), rttMs: 20, seed: 2 }));
    const times = await roundTrips(socket, 100, 10);
    expect(Math.max(...times)).toBeGreaterThan(200);
  });

  test('the same seed draws the same losses for the same traffic', async () => {
    const losses = async (seed: number): Promise<unknown> => {
      const { stage, connect } = await shapedServer(network({ loss: bernoulli(0.2), rttMs: 2, seed }), (socket) => {
        socket.on('data', () => undefined);
      });
      const socket = await connect();
      socket.write(Buffer.alloc(14_480)); // one flight
      await new Promise((resolve) => setTimeout(resolve, 50));
      return stage.reports()[0]?.up.segmentsLost;
    };
    const seeds = [1, 2, 3, 4, 5, 6];
    const first = await Promise.all(seeds.map(losses));
    expect(await Promise.all(seeds.map(losses))).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  test('toxicity is the share of connections that a loss applies to', async () => {
    const source = { model: bernoulli(1), toxicity: 0.5, seed: 4 };
    const conditions = network();
    const { connect } = await shapedServer({ ...conditions, up: { ...conditions.up, losses: [source] } });
    const answered = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const socket = await connect();
        socket.write('x');
        const timeout = AbortSignal.timeout(600);
        return once(socket, 'data', { signal: timeout }).then(
          () => true,
          () => false,
        );
      }),
    );
    const count = answered.filter(Boolean).length;
    expect(count).toBeGreaterThan(10);
    expect(count).toBeLessThan(30);
  });
});

describe('back-pressure', () => {
  test('a reader that does not read stops the writer at 4 MiB and what sockets hold', async () => {
    const { pair } = await shapedServer(network({ rttMs: 2, rate: { bytesPerMs: 100_000, queuePackets: 1000 } }));
    const { client, served } = await pair();
    client.pause();
    const chunk = Buffer.alloc(256 * 1024);
    let written = 0;
    const write = (): void => {
      while (written < 64e6) {
        written += chunk.length;
        if (!served.write(chunk)) return void served.once('drain', write);
      }
    };
    write();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(written).toBeGreaterThan(4e6);
    expect(written).toBeLessThan(24e6);
    client.resume();
    let read = 0;
    client.on('data', (data: Buffer) => (read += data.length));
    while (read < 64e6) await once(client, 'data');
  }, 30_000);
});
