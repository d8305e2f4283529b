import { run } from './processes.js';

/** A way to run a program whose disk, or files, may not grow past a size. */
export interface SmallDisk {
  /** What the system says when it is over. */
  code: 'ENOSPC' | 'EFBIG';
  /** Program and arguments that run `command` so. */
  wrap: (command: string[]) => [string, ...string[]];
}

/**
 * A disk of `kilobytes` under `folder`, gone with the program: a tmpfs in a mount namespace of its own, which needs
 * root or user namespaces. Where there is neither, a limit on the size of each file, which any POSIX shell can set.
 */
export async function smallDisk(folder: string, kilobytes: number): Promise<SmallDisk> {
  for (const unshare of [
    ['unshare', '-m'],
    ['unshare', '-rm'],
  ] as const) {
    const mount = [
      ...unshare,
      'sh',
      '-c',
      `mount -t tmpfs -o size=${kilobytes}k tmpfs "$0" && exec "$@"`,
      folder,
    ] as const;
    const [program, ...args] = [...mount, 'true'] as const;
    const works = await run(program, args).catch(() => undefined);
    if (works?.exitCode === 0) return { code: 'ENOSPC', wrap: (command) => [...mount, ...command] };
  }
  return smallFiles(kilobytes);
}

/** `ulimit -f` counts in blocks of 512 bytes (POSIX). */
export function smallFiles(kilobytes: number): SmallDisk {
  return {
    code: 'EFBIG',
    wrap: (command) => ['sh', '-c', `ulimit -f ${kilobytes * 2} && exec "$@"`, 'sh', ...command],
  };
}
