import { beforeAll, expect, test } from 'vitest';
import { proxyctlHome } from '../../src/config/paths.js';
import { silentLogger } from '../../src/core/logger.js';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { sessionSpec } from '../../src/protocol/session-spec.js';
import { startChildren, type Children } from '../../supervisor/children.js';
import { DesiredSession } from '../../supervisor/desired-state.js';
import { LogStore } from '../../supervisor/log-store.js';
import { ToxicEditor } from '../../supervisor/toxic-editor.js';
import { makeTempFolder } from '../helpers/temp-folder.js';

let children: Children;

beforeAll(async () => {
  const scope = new ResourceScope();
  const { path, remove } = await makeTempFolder('failed-change');
  scope.defer(remove);
  const logs = scope.use(new LogStore());
  children = await startChildren(scope, { home: proxyctlHome(path), logs, logger: silentLogger, token: 'token' });
  return () => scope.close();
});

const openSession = async (id: string): Promise<DesiredSession> => {
  const spec = sessionSpec.parse({ id, mode: 'live', createdAt: new Date().toISOString() });
  const session = new DesiredSession(spec, 0);
  children.desired.sessions.set(id, session);
  await children.reconciler.session(session);
  return session;
};

/** What no request can bring about: the MITM process fails on it with a TypeError. */
const breakIt = (session: DesiredSession): void => {
  session.overrides = { ...session.overrides, mocks: null as never };
};

const refusal = expect.objectContaining({
  code: 'PROXYCTL_INTERNAL',
  message: expect.stringMatching(/^The MITM process failed to carry out a change: .*null/) as string,
}) as Error;

test('a change that the MITM process fails to carry out is an error that says why', async () => {
  const session = await openSession('one');
  await expect(children.reconciler.session(session, () => breakIt(session))).rejects.toThrow(refusal);
  expect(session).toMatchObject({ state: 'failed', error: expect.stringContaining('null') as string });
});

test('a toxic that could not be carried out is not there, and one that can be is, once the fault is gone', async () => {
  const session = await openSession('two');
  const { overrides } = session;
  const toxics = new ToxicEditor(children.desired, children.reconciler, children.events, () => undefined);
  const request = { type: 'latency', attributes: { latency: 10 } };
  breakIt(session);
  await expect(toxics.add('two', request)).rejects.toThrow(refusal);
  expect(session.toxics).toEqual([]);
  session.overrides = overrides;
  expect(await toxics.add('two', request)).toMatchObject([{ name: 'latency_downstream' }]);
  expect(session).toMatchObject({ state: 'ready', error: undefined });
});
