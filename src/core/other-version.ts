import { packageVersion } from './package-version.js';

/** What to know where a stack (of version `theirs`) and this program are of different versions. */
export function versionsText(theirs: string): string {
  return `The stack is of proxyctl ${theirs}, this is ${packageVersion()}: restart it (proxyctl down, then up) to have both of one version.`;
}
