import path from 'node:path';
import type { CreateSessionRequest } from '../../src/api/schemas.js';
import type { Load, Target } from '../load.js';
import { loopbackNames } from '../paths.js';
import { coldHostCount } from '../rows.js';
import { StackProcess } from '../stack-process.js';
import type { World } from '../world.js';
import type { Chain, ChainKind } from './chain.js';

/** Our whole chain as users run it: `proxyctl up` with one worker, and a session of this mode in it. */
export function proxyctl(mode: 'live' | 'record' | 'replay', title: string): ChainKind {
  return {
    title,
    h2: true,
    memory: mode !== 'replay',
    async start(world) {
      const stack = await startStack(world, mode);
      try {
        if (mode === 'replay') await recordAll(world, stack);
        return await openSession(stack, mode);
      } catch (error) {
        await stack.close();
        throw error;
      }
    },
  };
}

async function startStack(world: World, mode: string): Promise<StackProcess> {
  return StackProcess.start({
    name: `proxyctl-${mode}`,
    home: path.join(world.folder, `proxyctl-${mode}-${process.hrtime.bigint()}`),
    logs: world.logs,
    toxiproxy: world.toxiproxy.path,
    workers: 1,
    env: { NODE_OPTIONS: `--require=${loopbackNames}`, NODE_EXTRA_CA_CERTS: world.origin.caFile },
  });
}

async function openSession(
  stack: StackProcess,
  mode: 'live' | 'record' | 'replay',
): Promise<Chain & { id: string; target(): Target }> {
  const recording = { testId: 'bench', store: path.join(stack.home, 'store') };
  const request: CreateSessionRequest = mode === 'live' ? { mode } : { mode, ...recording };
  const { id, host, port, worker } = await stack.api.sessions.create(request);
  const { children } = await stack.api.status();
  return {
    id,
    target: () => ({ dial: `${host}:${port}`, proxy: true }),
    pids: [stack.pid],
    mitmPid: children.find(({ name }) => name === worker)?.pid,
    close: () => stack.close(),
  };
}

/** A published recording with an answer to every request that the rows make. */
async function recordAll(world: World, stack: StackProcess): Promise<void> {
  const session = await openSession(stack, 'record');
  const loads: Load[] = [
    { url: world.url('http', '/json'), count: 1 },
    { url: world.url('https', '/json'), count: 1 },
    { url: world.url('https', '/bytes/1048576'), count: 1 },
    { url: world.url('https', '/json', 'hN'), hosts: coldHostCount, concurrency: 4, warmHost: world.host('warm') },
  ];
  for (const load of loads) {
    const { errors, firstError } = await world.load(session.target(), load);
    if (errors > 0) throw new Error(`Recording for the replay: ${errors} requests failed: ${firstError}`);
  }
  const { published, reason } = await stack.api.sessions.endRecording(session.id, { verdict: 'publish' });
  if (!published) throw new Error(`The recording for the replay was not published: ${reason ?? 'no reason given'}`);
  await stack.api.sessions.delete(session.id);
}
