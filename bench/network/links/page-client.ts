import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../../src/network/random.js';

/*
 * `page-client.js URL [PROXY-HOST:PORT]`: loads a page of 30 resources over 6 connections, some times, each time on
 * connections of its own. Prints the milliseconds of each as JSON.
 */

const [, , base = '', proxy] = process.argv;
const { host, hostname, port } = new URL(base);
const loads = 12;
const connections = 6;
/** A document, then what it names: sizes as pages have them, 640 kB in all. */
const document = 25_000;
const resources = Array.from({ length: 29 }, (_, index) => [4000, 12_000, 30_000, 9000, 48_000][index % 5] ?? 0);

/**
 * Each request is made a little after it could be, as a browser's are that has a page to build meanwhile; drawn anew
 * for each load, the same everywhere. Which packets a full queue drops hangs on milliseconds, and one more of them may
 * cost a second: without this, all loads would be one and the same, and say little of the next page.
 */
const longestPauseMs = 40;
const random = createRandom(1);

const times: number[] = [];
for (let load = 0; load < loads; load += 1) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const begun = performance.now();
  await get(document, agent);
  const waiting = resources.map((bytes) => ({ bytes, pause: random() * longestPauseMs }));
  const fetchNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await delay(next.pause);
      await get(next.bytes, agent);
    }
  };
  await Promise.all(Array.from({ length: connections }, fetchNext));
  times.push(performance.now() - begun);
  agent.destroy();
}
process.stdout.write(`${JSON.stringify(times)}\n`);

async function get(bytes: number, agent: Agent): Promise<void> {
  const [proxyHost, proxyPort] = proxy?.split(':') ?? [];
  const asked = request({
    agent,
    host: proxyHost ?? hostname,
    port: Number(proxyPort ?? port),
    path: proxy === undefined ? `/${bytes}` : `http://${host}/${bytes}`,
    headers: { host },
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let got = 0;
  response.on('data', (chunk: Buffer) => (got += chunk.length));
  await once(response, 'end');
  if (got !== bytes) throw new Error(`${got} of ${bytes} bytes came`);
}
