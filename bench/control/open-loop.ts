import { Agent, request } from 'node:http';

export interface Load {
  /** Asked in turn, on one kept connection each. */
  proxies: readonly { host: string; port: number }[];
  url: string;
  /** Requests per second, of all together. */
  rate: number;
  seconds: number;
  isRight: (body: string) => boolean;
}

export interface Loaded {
  total: number;
  /** From the first request to the last answer. */
  tookSeconds: number;
  /** By proxy: how many answers came. */
  answered: number[];
  /** Failed, or not right. */
  wrong: number;
  /** Milliseconds from when a request was due to the end of its answer, by share of the requests. */
  at(share: number): number;
}

/** Requests at a fixed rate, whether or not answers keep up: one that waits for its turn is late, and that counts. */
export async function openLoop({ proxies, url, rate, seconds, isRight }: Load): Promise<Loaded> {
  const total = Math.round(rate * seconds);
  const agents = proxies.map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  const answered = proxies.map(() => 0);
  const times: number[] = [];
  let wrong = 0;
  const begun = performance.now();
  const pending: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    const due = begun + (index * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const turn = index % proxies.length;
    const proxy = proxies[turn] as { host: string; port: number };
    pending.push(
      ask(proxy, agents[turn] as Agent, url)
        .then((body) => {
          answered[turn] = (answered[turn] ?? 0) + 1;
          if (!isRight(body)) wrong += 1;
        })
        .catch(() => {
          wrong += 1;
        })
        .finally(() => times.push(performance.now() - due)),
    );
  }
  await Promise.all(pending);
  const tookSeconds = (performance.now() - begun) / 1000;
  agents.forEach((agent) => agent.destroy());
  times.sort((a, b) => a - b);
  const at = (share: number): number => Number((times[Math.floor((times.length - 1) * share)] ?? NaN).toFixed(1));
  return { total, tookSeconds, answered, wrong, at };
}

function ask({ host, port }: { host: string; port: number }, agent: Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path: url, agent, headers: { host: new URL(url).host }, timeout: 60_000 });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 60 s')));
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject);
    });
    outgoing.end();
  });
}
