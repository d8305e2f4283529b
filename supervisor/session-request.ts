import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { z } from 'zod';
import type { createSessionRequest } from '../src/api/schemas.js';
import type { HomePaths } from '../src/config/paths.js';
import { isLoopbackHost } from '../src/core/loopback-host.js';
import { storedCommand } from '../src/core/program-name.js';
import { UsageError } from '../src/errors/index.js';
import { projectSettings, settingsOf } from '../src/protocol/project-settings.js';
import { sessionSpec, type SessionSpec } from '../src/protocol/session-spec.js';
import { recordsMisses } from '../src/replay/explain/miss-policy.js';
import { findRecording } from '../src/store/find-recording.js';
import { checkStorePlace, openStore } from '../src/store/open-store.js';
import { branchOf, defaultAppVersion, newRecordingId } from '../src/store/recording-key.js';

/**
 * The spec of the session that was asked for: ids given, the recording found. `folder`: where the stack is. Throws
 * `ProxyctlError`.
 */
export async function newSpec(
  request: z.output<typeof createSessionRequest>,
  { home, taken, folder }: { home: HomePaths; taken: ReadonlySet<string>; folder: string },
): Promise<{ spec: SessionSpec; recordingReason?: string }> {
  const { versionPolicy = 'nearest', recordingId, command, configFile, redact, rules, open = false, ...rest } = request;
  const id = request.id ?? newId(request.testId, taken);
  if (taken.has(id))
    throw new UsageError(`A session "${id}" is already open`, { hint: 'Leave the id out to be given one.' });
  const base = sessionSpec.parse({
    ...rest,
    ...credentials(rest, open),
    ...storedCommand(command),
    ...settingsOf({ configFile, redact, rules }, projectSettings(folder)),
    ...{ id, createdAt: new Date().toISOString() },
  });
  if (base.mode === 'live') return { spec: base };
  const { testId, store, appVersion = defaultAppVersion } = base;
  const branch = branchOf(base.branch);
  if (testId === undefined || store === undefined)
    throw new UsageError(`A ${base.mode} session needs a testId and a store`);
  checkStorePlace(store);
  const journal = (): Pick<SessionSpec, 'recordingId' | 'journal'> => {
    const newRecording = newRecordingId(Date.now());
    return { recordingId: newRecording, journal: join(home.journalDir, newRecording) };
  };
  if (base.mode === 'record') return { spec: { ...base, appVersion, ...journal() } };
  const added = recordsMisses(base.onMiss) ? journal() : {};
  await using opened = await openStore(store);
  if (recordingId !== undefined) {
    return {
      spec: { ...base, ...added, appVersion, recording: { testId, appVersion, ...branch, recordingId } },
      recordingReason: 'asked for by its id',
    };
  }
  const { ref, reason } = await findRecording(opened, { testId, appVersion, ...branch }, versionPolicy);
  const harVersion = await opened.harVersion(ref);
  return {
    spec: { ...base, ...added, appVersion, recording: ref, ...(harVersion === undefined ? {} : { harVersion }) },
    recordingReason: reason,
  };
}

/** Where other machines reach the proxy, credentials are made up unless they were given, or it is to be open to all. */
function credentials(
  { host, proxyAuth }: Pick<z.output<typeof createSessionRequest>, 'host' | 'proxyAuth'>,
  open: boolean,
): Pick<SessionSpec, 'proxyAuth'> {
  if (open && proxyAuth !== undefined)
    throw new UsageError('A session cannot be open to all and ask for credentials', {
      hint: 'Give --open or --proxy-auth, not both.',
    });
  if (open || proxyAuth !== undefined || host === undefined || isLoopbackHost(host)) return {};
  return { proxyAuth: `proxyctl:${randomBytes(12).toString('hex')}` };
}

/** From the test id, so that a list of sessions can be read; a number behind it where it is taken. */
function newId(testId: string | undefined, taken: ReadonlySet<string>): string {
  const words = (testId ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const name = words === '' ? `session-${randomBytes(3).toString('hex')}` : words;
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
  }
}
