import { join } from 'node:path';
import { proxyctlHome, type HomePaths } from '../../src/config/paths.js';
import { ResourceScope } from '../../src/core/resource-scope.js';
import { Stack, type StackOptions } from '../../supervisor/stack.js';
import { Origin } from './origin.js';
import { makeTempFolder } from './temp-folder.js';

/** A stack in this process and a backend, for all tests of a file; `close` ends them and removes the folder. */
export interface StackWithOrigin {
  stack: Stack;
  origin: Origin;
  /** Of both. Nothing but `home` is in it. */
  folder: string;
  home: HomePaths;
  close: () => Promise<void>;
}

export async function startStackWithOrigin(
  name: string,
  options: Omit<StackOptions, 'home'> = {},
): Promise<StackWithOrigin> {
  const scope = new ResourceScope();
  try {
    const { path: folder, remove } = await makeTempFolder(name);
    scope.defer(remove);
    const origin = scope.use(await Origin.start());
    const home = proxyctlHome(join(folder, 'home'));
    const stack = scope.use(await Stack.start({ ...options, home }));
    return { stack, origin, folder, home, close: () => scope.close() };
  } catch (error) {
    await scope.close();
    throw error;
  }
}
