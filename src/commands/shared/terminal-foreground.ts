import { readFileSync } from 'node:fs';

/**
 * Whether this process is in the foreground group of its terminal, so that a Ctrl-C there reaches its children as well.
 * On Linux the kernel tells (fields 5 and 8 of proc(5)'s stat: process group, and the terminal's foreground group);
 * elsewhere a terminal on any of the three streams is taken for a yes.
 */
export function inTerminalForeground(): boolean {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync('/proc/self/stat', 'latin1');
      // The second field is the program's name in brackets and may hold spaces and brackets itself.
      const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return group !== undefined && group === foreground;
    } catch {
      // No /proc: ask the streams.
    }
  }
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}
