import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../../config/environment.js';
import { UsageError } from '../../errors/index.js';
import { trustStorePassword } from './java-key-store.js';
import { storeProgram } from './store-program.js';

const alias = 'proxyctl-ca';
const missing = 'It comes with Java: install a JDK or JRE, or use proxyctl ca export --format jks.';

/** The home of the Java that programs here run on: `JAVA_HOME`, else what `java` on PATH says. */
export async function javaHome(): Promise<string> {
  const named = environment.get('JAVA_HOME');
  if (named !== undefined) return named;
  const said = await storeProgram('java', ['-XshowSettings:properties', '-version'], { missing });
  const home = /^\s*java\.home = (.+)$/m.exec(said)?.[1];
  if (home === undefined)
    throw new UsageError('java does not say where its home is', { hint: 'Name it: --folder JAVA_HOME' });
  return home;
}

/** Lets the Java in `home` trust this CA. Safe to repeat. Throws `PROXYCTL_CA`, `PROXYCTL_USAGE`. */
export async function trustInJdk(home: string, pem: string): Promise<void> {
  await distrustInJdk(home);
  const store = await keyStore(home);
  await storeProgram('keytool', ['-importcert', '-noprompt', '-alias', alias, ...store], { input: pem, missing });
}

/** Takes it back. Returns whether it was there. */
export async function distrustInJdk(home: string): Promise<boolean> {
  const store = await keyStore(home);
  const there = await storeProgram('keytool', ['-list', ...store], { missing });
  if (!there.split('\n').some((line) => line.startsWith(`${alias},`))) return false;
  await storeProgram('keytool', ['-delete', '-alias', alias, ...store], { missing });
  return true;
}

async function keyStore(home: string): Promise<string[]> {
  for (const path of ['lib/security/cacerts', 'jre/lib/security/cacerts']) {
    const file = join(home, path);
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return ['-keystore', file, '-storepass', trustStorePassword];
  }
  throw new UsageError(`${home} has no lib/security/cacerts`, { hint: 'Give the home of a Java: --folder JAVA_HOME' });
}
