import { execa } from 'execa';
import type { Check } from '../check.js';
import { findProgram } from '../find-program.js';

/** Go builds Toxiproxy where its release cannot be downloaded; nothing else needs it. */
export const go: Check = {
  name: 'go',
  async run({ signal }) {
    const path = await findProgram('go');
    if (path === undefined)
      return { status: 'ok', detail: 'not on PATH; only needed where Toxiproxy cannot be downloaded' };
    const { stdout, exitCode } = await execa(path, ['version'], {
      reject: false,
      stdin: 'ignore',
      cancelSignal: signal,
    });
    if (exitCode === 0) return { status: 'ok', detail: `${stdout.trim().replace(/^go version /, '')}: ${path}` };
    return {
      status: 'warn',
      detail: `${path} is there but does not run`,
      hint: 'It is only needed where Toxiproxy cannot be downloaded.',
    };
  },
};
