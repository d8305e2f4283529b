import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { SessionView } from '../../src/api/schemas.js';
import type { ResourceScope } from '../../src/core/resource-scope.js';
import type { StackProcess } from '../stack-process.js';
import { openLoop, type Load, type Loaded } from './open-loop.js';
import { verdict } from './verdict.js';

/** How much slower than without readers the slowest requests may be. */
const p99Limit = 2;
/** How long the last events may take, ms. */
const settleMs = 20_000;

/** The same load twice on the same sessions: without anybody reading events, and with a reader of each session's. */
export async function compareReaders(
  scope: ResourceScope,
  stack: StackProcess,
  { sessions: count, rate, seconds }: { sessions: number; rate: number; seconds: number },
): Promise<string[]> {
  const backend = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end('{"items":[{"name":"tea","price":4.5},{"name":"cup","price":12}],"currency":"EUR"}');
  });
  backend.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(backend, 'listening');
  scope.defer(() => void backend.close());
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/cart?user=7`;
  const sessions: SessionView[] = [];
  for (let index = 0; index < count; index += 1) sessions.push(await openWithMocks(stack));
  const load = (length: number): Promise<Loaded> =>
    openLoop({
      proxies: sessions,
      url,
      rate,
      seconds: length,
      isRight: (body) => body.includes('99.5'),
    } satisfies Load);
  await load(Math.min(5, seconds)); // what is compiled and connected on first use is not the load's

  const alone = await load(seconds);
  const readers = sessions.map((session) => new Reader(stack, session.id));
  await Promise.all(readers.map((reader) => reader.started));
  const begun = Date.now();
  const read = await load(seconds);
  await Promise.race([
    Promise.all(readers.map((reader, index) => reader.until(read.answered[index] ?? 0))),
    new Promise((resolve) => setTimeout(resolve, settleMs).unref()),
  ]);
  const late = ((Date.now() - begun) / 1000 - seconds).toFixed(1);
  const lost = readers.reduce((sum, reader, index) => sum + (read.answered[index] ?? 0) - reader.responses, 0);
  const missed = readers.filter((reader) => reader.missed).length;
  await Promise.all(readers.map((reader) => reader.close()));
  for (const { id } of sessions) await stack.api.sessions.delete(id);

  const reached = (loaded: Loaded): string =>
    `${Math.round(loaded.total / loaded.tookSeconds)} of ${rate} requests/s, p50 ${loaded.at(0.5)} ms, p99 ${loaded.at(0.99)} ms`;
  const ratio = read.at(0.99) / alone.at(0.99);
  const wrong = alone.wrong + read.wrong;
  return [
    verdict(
      alone.total / alone.tookSeconds > 0.98 * rate,
      `${count} sessions, 4 mocks each, no reader: ${reached(alone)}`,
    ),
    verdict(read.total / read.tookSeconds > 0.98 * rate, `the same with an event reader each: ${reached(read)}`),
    verdict(ratio <= p99Limit, `p99 with readers is ${ratio.toFixed(2)} times that without (limit ${p99Limit})`),
    verdict(lost === 0 && missed === 0, `events lost: ${lost} of ${read.total}; readers told of a gap: ${missed}`),
    `       the last event came ${late} s after the last request was due`,
    verdict(wrong === 0, `answers that failed or were not mocked: ${wrong} of ${alone.total + read.total}`),
  ];
}

/** Three that do not fit what is asked, and one that changes a price. */
async function openWithMocks(stack: StackProcess): Promise<SessionView> {
  const session = await stack.api.sessions.create({});
  for (const command of ['/login', '/orders/*', '/statistics'])
    await stack.api.mocks.add(session.id, { predicate: { command }, response: { status: 503 } });
  await stack.api.mocks.add(session.id, {
    predicate: { command: '/cart', params: { user: 7 } },
    response: { modify: { '$.items[0].price': 99.5 } },
  });
  return session;
}

/** Counts the responses that it hears of. */
class Reader {
  responses = 0;
  missed = false;
  /** Once it has heard its first event: a rule is added for that, and taken away again. */
  readonly started: Promise<void>;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  #wanted = Infinity;
  #reached: () => void = () => undefined;

  constructor(stack: StackProcess, session: string) {
    let heard: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (heard = resolve));
    this.#reading = this.#read(stack, session, heard);
    this.started = this.#poke(stack, session, first);
  }

  until(responses: number): Promise<void> {
    return new Promise((resolve) => {
      this.#reached = resolve;
      this.#wanted = responses;
      if (this.responses >= responses) resolve();
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(stack: StackProcess, session: string, heard: () => void): Promise<void> {
    for await (const event of stack.api.events({ session, signal: this.#stop.signal })) {
      heard();
      if (event.type === 'missed') this.missed = true;
      if (event.type !== 'response') continue;
      this.responses += 1;
      if (this.responses >= this.#wanted) this.#reached();
    }
  }

  async #poke(stack: StackProcess, session: string, first: Promise<void>): Promise<void> {
    let heard = false as boolean;
    void first.then(() => (heard = true));
    while (!heard) {
      const { id } = await stack.api.redirects.add(session, { from: 'nobody.test', to: 'http://127.0.0.1:9' });
      await stack.api.redirects.remove(session, id);
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }
}
