import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';

/*
 * `page-client.js URL [PROXY-HOST:PORT]`: loads a page of 30 resources over 6 connections, some times, each time on connections of
 * its own. Prints the milliseconds of each as JSON.
 */

const [, , base = '', proxy] = process.argv;
const { host, hostname, port } = new URL(base);
const loads = 3;
/** A document, then what it names: sizes as pages have them, 640 kB in all. */
const document = 25_000;
const resources = Array.from({ length: 29 }, (_, index) => [4000, 12_000, 30_000, 9000, 48_000][index % 5] ?? 0);

const times: number[] = [];
for (let load = 0; load < loads; load += 1) {
  const agent = new Agent({ keepAlive: true, maxSockets: 6 });
  const begun = performance.now();
  await get(document, agent);
  await Promise.all(resources.map((bytes) => get(bytes, agent)));
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
