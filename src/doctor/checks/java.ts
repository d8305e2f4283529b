import { findProgram } from '../find-program.js';
import type { Check } from '../check.js';

/** Java clients get a trust store through JAVA_TOOL_OPTIONS; `keytool` is only for putting the CA into another one. */
export const java: Check = {
  name: 'java',
  async run() {
    const [runtime, keytool] = await Promise.all([findProgram('java'), findProgram('keytool')]);
    if (runtime === undefined) return { status: 'ok', detail: 'not on PATH; only needed by tests in Java' };
    const tool =
      keytool === undefined ? 'no keytool: a trust store of your own cannot be changed here' : `keytool ${keytool}`;
    return { status: 'ok', detail: `${runtime}, ${tool}` };
  },
};
