import { fileURLToPath } from 'node:url';
import { run, type Finished, type RunOptions } from './processes.js';

/** The built command: what users run. */
export const proxyctlBin = fileURLToPath(new URL('../../dist/bin/proxyctl.js', import.meta.url));
const loopbackNames = fileURLToPath(new URL('loopback-names.cjs', import.meta.url));

/**
 * The environment of a proxyctl of its own: its state, cache and CA are in `home`, no variable of a running stack
 * reaches it, and names below `.test` are 127.0.0.1 to it.
 */
export function proxyctlEnv(home: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, PROXYCTL_HOME: home, NODE_OPTIONS: `--require=${loopbackNames}` };
  for (const name of ['PROXYCTL_URL', 'PROXYCTL_TOKEN', 'PROXYCTL_SESSION', 'PROXYCTL_STORE', 'VITEST', 'NODE_ENV'])
    delete env[name];
  return { ...env, ...extra };
}

/** Runs `proxyctl ARGS` to its end. */
export function proxyctl(
  args: string[],
  { home, env, ...options }: RunOptions & { home: string; env?: NodeJS.ProcessEnv },
): Promise<Finished> {
  return run(process.execPath, [proxyctlBin, ...args], { ...options, env: proxyctlEnv(home, env), extendEnv: false });
}
