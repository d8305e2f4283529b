import { fileURLToPath } from 'node:url';
import { run } from './processes.js';

/**
 * Ways to run a program with nothing but its own loopback, best first. Root has the first, most Linux users the second.
 */
const namespaces = [
  ['unshare', '--net'],
  ['unshare', '--map-root-user', '--net'],
];
const withLoopback = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
export const refusingModule = fileURLToPath(new URL('without-network.cjs', import.meta.url));

/** How a program is started so that nothing can be reached from it, nor from its children. */
export interface Isolation {
  /** Goes before the command line. */
  prefix: string[];
  /** Goes into its environment. */
  nodeOptions: string[];
}

let known: Promise<Isolation> | undefined;

/**
 * A network namespace of its own that has a loopback and no route. Where none can be had (not Linux, or not allowed), a
 * module preloaded into Node that refuses every name and every address but loopback; it guards proxyctl, not its CMD.
 */
export function isolation(): Promise<Isolation> {
  known ??= find();
  return known;
}

async function find(): Promise<Isolation> {
  for (const namespace of namespaces) {
    const prefix = [...namespace, ...withLoopback];
    const [command = '', ...args] = prefix;
    const tried = await run(command, [...args, 'true'], { limitMs: 10_000 }).catch(() => undefined);
    if (tried?.exitCode === 0) return { prefix, nodeOptions: [] };
  }
  return { prefix: [], nodeOptions: [`--require=${refusingModule}`] };
}
