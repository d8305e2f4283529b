import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { AddToxicRequest, SessionView } from '../../src/api/schemas.js';
import type { FaultReceipt } from '../../src/http/index.js';
import { findRecording } from '../../src/store/find-recording.js';
import { folderStore } from '../../src/store/folder-store.js';
import { openRecording } from '../../src/store/open-recording.js';
import type { Stack } from '../../supervisor/stack.js';
import type { Origin } from '../helpers/origin.js';
import { eventually } from '../helpers/processes.js';
import { startStackWithOrigin } from '../helpers/stack-with-origin.js';

let stack: Stack;
let origin: Origin;
let folder: string;

beforeAll(async () => {
  const running = await startStackWithOrigin('faults');
  ({ stack, origin, folder } = running);
  return running.close;
});

function ask({ port }: SessionView, path: string, options: RequestOptions = {}): ClientRequest {
  const host = `127.0.0.1:${origin.httpPort}`;
  const headers = { host, ...options.headers };
  return httpRequest({ ...options, host: '127.0.0.1', port, path: origin.httpUrl(path), agent: false, headers });
}

async function answered(request: ClientRequest): Promise<void> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
}

const get = (session: SessionView, path: string) => answered(ask(session, path).end());

/** What the recorded exchanges met, in order, where `use` makes them. */
async function recorded(
  testId: string,
  use: (session: SessionView) => Promise<void>,
): Promise<(FaultReceipt[] | undefined)[]> {
  const store = join(folder, 'store');
  const session = await stack.api.sessions.create({ mode: 'record', testId, store });
  await use(session);
  await stack.api.sessions.endRecording(session.id, { verdict: 'publish' });
  await stack.api.sessions.delete(session.id);
  const opened = folderStore(store);
  const { ref } = await findRecording(opened, { testId, appVersion: 'default' }, 'exact');
  const { entries } = await openRecording(opened, ref);
  return entries.map(({ _proxyctl }) => _proxyctl?.faults as FaultReceipt[] | undefined);
}

const add = (session: SessionView, toxic: AddToxicRequest) => stack.api.toxics.add(session.id, toxic);

test('an entry says what its exchange met in the modelled network, until its last byte had arrived', async () => {
  const [first, second] = await recorded('modelled', async (session) => {
    await add(session, { type: 'packet-loss', attributes: { loss: '20%', rtt: '4ms', seed: 5 } });
    await get(session, '/bytes/200000');
    await stack.api.toxics.reset(session.id);
    await get(session, '/json');
  });
  expect(first).toHaveLength(2);
  const down = first?.find(({ stream }) => stream === 'downstream');
  expect(down).toMatchObject({ toxic: 'packet-loss_downstream', kind: 'modelled' });
  // 138 packets and more, of which a fifth gets lost, each at the cost of a round trip or a time-out.
  expect(down?.losses).toBeGreaterThan(15);
  expect(down?.retransmissions).toBeGreaterThan(10);
  expect(down?.delayMs).toBeGreaterThan(4);
  expect(second).toBeUndefined();
});

test('of Toxiproxy’s toxics it says which stood and what they were told, and where that was for a part only', async () => {
  const latency = { name: 'slow', type: 'latency', attributes: { latency: 30 } };
  const [none, whole, part] = await recorded('toxiproxy', async (session) => {
    await get(session, '/json');
    await add(session, latency);
    await get(session, '/json');
    await stack.api.toxics.reset(session.id);
    const request = ask(session, '/echo', { method: 'POST', headers: { 'content-length': 2 } });
    request.write('1');
    await eventually(
      () => stack.api.sessions.get(session.id),
      ({ counters }) => counters.inFlight === 1,
      5000,
    );
    await add(session, latency);
    request.end('2');
    await answered(request);
  });
  expect(none).toBeUndefined();
  const receipt = {
    toxic: 'slow',
    type: 'latency',
    kind: 'toxiproxy',
    stream: 'downstream',
    toxicity: 1,
    settings: { latency: 30, jitter: 0 },
  };
  expect(whole).toEqual([receipt]);
  expect(part).toEqual([{ ...receipt, partly: true }]);
});

test('a link tells its delay in each direction, and what setting the connection up took', async () => {
  const [faults] = await recorded('link', async (session) => {
    await stack.api.link.set(session.id, { rtt: '80ms' });
    await get(session, '/json');
  });
  expect(faults).toMatchObject([
    { toxic: 'link', kind: 'modelled', stream: 'upstream', losses: 0 },
    { toxic: 'link', kind: 'modelled', stream: 'downstream', losses: 0 },
  ]);
  expect(faults?.[0]?.['handshakeMs']).toBeGreaterThanOrEqual(79);
  for (const { delayMs } of faults ?? []) expect(delayMs).toBeGreaterThanOrEqual(38);
});
