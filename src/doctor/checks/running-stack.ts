import { stat } from 'node:fs/promises';
import { readStackState } from '../../../supervisor/state-file.js';
import type { Check } from '../check.js';

/** Whether a stack runs on this home, or one that died left its state file. */
export const runningStack: Check = {
  name: 'stack',
  async run({ home }) {
    const state = await readStackState(home.stateFile);
    if (state !== undefined) {
      const where = state.url === undefined ? 'is starting' : `runs at ${state.url}`;
      return { status: 'ok', detail: `process ${state.process.pid} ${where}, since ${state.startedAt}` };
    }
    const left = await stat(home.stateFile).then(
      () => true,
      () => false,
    );
    if (!left) return { status: 'ok', detail: 'none is running' };
    return {
      status: 'warn',
      detail: `none is running; ${home.stateFile} was left by one that was killed`,
      hint: 'The next `proxyctl up` clears it.',
    };
  },
};
