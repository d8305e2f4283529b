import { shellWord } from '../core/shell-word.js';
import { ProxyctlError } from '../errors/index.js';
import { defaultAppVersion, type RecordingKey } from './recording-key.js';
import type { CurrentPointer } from './pointer.js';

interface NotFoundDetails {
  /** When one certain recording was asked for. */
  recordingId?: string;
  /** It was looked for among all app versions: the key's own says nothing. */
  anyVersion?: boolean;
  /** Test ids of the store that look like the incoming one for. */
  similar?: readonly string[];
  /** The store that was looked into. */
  store?: string;
  cause?: unknown;
}

/** Nothing is published under a key. The message says what is: other app versions, or test ids that look alike. */
export class RecordingNotFoundError extends ProxyctlError {
  constructor(
    readonly key: RecordingKey,
    readonly published: readonly CurrentPointer[],
    { recordingId, anyVersion = false, similar = [], store, cause }: NotFoundDetails = {},
  ) {
    const { testId, appVersion, branch } = key;
    const versions = published.map((pointer) => pointer.appVersion);
    const subject = recordingId === undefined ? 'No recording' : `No recording ${recordingId}`;
    super(
      'PROXYCTL_RECORDING_NOT_FOUND',
      `${subject} of test ${JSON.stringify(testId)} ${rest(anyVersion ? undefined : appVersion, versions, store)}`,
      {
        hint: [
          ...(similar.length === 0 ? [] : [`Did you mean ${similar.map((id) => JSON.stringify(id)).join(' or ')}?`]),
          anyVersion
            ? `See what there is with: proxyctl recordings ls ${shellWord(testId)}`
            : `Record it with: proxyctl record --test-id ${shellWord(testId)}${versionFlag(appVersion)}${branchFlag(branch)} -- <command>`,
        ].join(' '),
        cause,
        data: {
          testId,
          ...(anyVersion ? {} : { appVersion }),
          ...(branch === undefined ? {} : { branch }),
          published: versions,
          similar,
          ...(recordingId === undefined ? {} : { recordingId }),
        },
      },
    );
  }
}

function rest(appVersion: string | undefined, versions: readonly string[], store: string | undefined): string {
  const where = store === undefined ? '' : ` in ${store}`;
  if (versions.length === 0) return `at all${where}`;
  const shown = versions.slice(0, 10).join(', ');
  const more = versions.length > 10 ? `, and ${versions.length - 10} more` : '';
  const wanted = appVersion === undefined ? 'for any app version' : `for app version ${appVersion}`;
  return `${wanted}${where} (published: ${shown}${more})`;
}

function branchFlag(branch: string | undefined): string {
  return branch === undefined ? '' : ` --branch ${shellWord(branch)}`;
}

function versionFlag(appVersion: string): string {
  return appVersion === defaultAppVersion ? '' : ` --app-version ${shellWord(appVersion)}`;
}
