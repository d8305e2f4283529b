import { shellWord } from '../core/shell-word.js';
import { ProxyctlError } from '../errors/index.js';
import { chunksOf, type ObjectStore, type PutOptions, sameVersion, type Source } from './objects/object-store.js';

interface ConfirmedPutOptions extends Pick<PutOptions, 'size' | 'represents'> {
  /** Others may put the same content under the same key at the same time: the version may be theirs. */
  shared?: boolean;
}

/**
 * Puts an object and looks at it in the store: a gateway can answer "200 OK" in the store's place and keep nothing. It
 * has to have the size that was sent and, unless it is `shared`, the version that the store gave it. Throws
 * `PROXYCTL_STORE` with what is wrong.
 */
export async function putConfirmed(
  objects: ObjectStore,
  key: string,
  source: Source,
  { shared = false, ...options }: ConfirmedPutOptions = {},
): Promise<void> {
  let sent = 0;
  let given: string | undefined;
  const counted = async function* (): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of chunksOf(source)) {
      sent += chunk.length;
      yield chunk;
    }
  };
  await objects.put(key, counted(), { ...options, onVersion: (version) => (given = version) });
  const there = await objects.stat(key);
  const where = objects.url(key);
  if (there === undefined) throw notKept(where, 'it is not there');
  if (there.size !== sent) throw notKept(where, `${there.size} bytes are there instead of ${sent}`);
  if (!shared && given !== undefined && !isSame(given, there.version ?? '')) {
    const said = given === '' ? 'no version (ETag)' : `version ${given}`;
    throw notKept(where, `the store gave it ${said}, and has version ${there.version ?? ''} of it`);
  }
}

/** `PROXYCTL_STORE`: the store said that it took an object, and does not have it. */
export function notKept(where: string, reason: string): ProxyctlError {
  return new ProxyctlError('PROXYCTL_STORE', `The store took ${where} and has not kept it: ${reason}`, {
    hint: `Something between here and the store may have answered in its place (a gateway, a login page). See what it answers: curl -sS -D - ${shellWord(where)}`,
    data: { path: where },
  });
}

function isSame(given: string, there: string): boolean {
  return sameVersion(given, there) || (given === '' && there === '');
}
