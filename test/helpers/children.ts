import { fileURLToPath } from 'node:url';

/** The command that runs one of `helpers/children/`, which import the build in dist/. */
export function childCommand(name: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`./children/${name}.mjs`, import.meta.url)), ...args];
}
