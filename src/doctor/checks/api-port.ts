import { isPortFree } from '../../../supervisor/free-port.js';
import { readStackState } from '../../../supervisor/state-file.js';
import type { Check } from '../check.js';

/** The usual port of the control API. When it is taken, `up` takes another one by itself. */
export const apiPort: Check = {
  name: 'api port',
  async run({ apiPort: port, home }) {
    if (await isPortFree('127.0.0.1', port)) return { status: 'ok', detail: `${port} is free` };
    const state = await readStackState(home.stateFile);
    if (state?.url !== undefined && Number(new URL(state.url).port) === port) {
      return { status: 'ok', detail: `${port} is used by the stack of this home` };
    }
    return {
      status: 'warn',
      detail: `${port} is used by another program`,
      hint: 'A stack takes another port then; `proxyctl status` says which.',
    };
  },
};
