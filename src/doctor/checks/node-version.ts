import type { Check } from '../check.js';

/** As `engines` in package.json has it. */
const least = { major: 20, minor: 19 };

export const nodeVersion: Check = {
  name: 'node',
  run() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const detail = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
    if (major > least.major || (major === least.major && minor >= least.minor)) return { status: 'ok', detail };
    return { status: 'fail', detail, hint: `proxyctl needs Node ${least.major}.${least.minor} or later.` };
  },
};
