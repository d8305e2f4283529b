import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mustRun } from '../helpers/processes.js';
import { proxyctlBin, proxyctlEnv } from '../helpers/proxyctl.js';
import { tempFolder } from '../helpers/temp-folder.js';

const script = fileURLToPath(new URL('../fixtures/kernel-loss.sh', import.meta.url));

/** Needs Linux, root and nft; a network namespace keeps all of it from the machine. */
test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'real packets get lost, exactly those of the session, and nothing is left behind, not even after kill -9',
  async () => {
    const folder = await tempFolder();
    const { stdout } = await mustRun('unshare', ['--net', 'bash', script], {
      cwd: folder,
      env: proxyctlEnv(folder, { PROXYCTL: proxyctlBin, NODE: process.execPath }),
    });
    const lines = stdout.split('\n');
    const late = Number(/late: (\d+)/.exec(stdout)?.[1]);
    expect(late).toBeGreaterThan(1);
    expect(lines.filter((line) => !line.startsWith('late'))).toEqual([
      'tables before: 0',
      '2',
      'tables with it: 1',
      'dropped: 1',
      'proxyctl: PROXYCTL_USAGE: Real packet loss knows no burst: packets of the whole session get lost, each on its own',
      'tables after reset: 0',
      'tables again: 1',
      'tables after kill -9: 0',
    ]);
  },
);
