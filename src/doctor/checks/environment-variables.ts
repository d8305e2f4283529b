import { environment } from '../../config/environment.js';
import type { Check } from '../check.js';

const secret = 'PROXYCTL_TOKEN';

/** The `PROXYCTL_` variables that are set, and whether they are well-formed. */
export const environmentVariables: Check = {
  name: 'variables',
  run() {
    void [environment.url, environment.toxiproxyReleases]; // either throws when it is no URL
    const set = Object.entries(environment.all()).filter(
      ([name, value]) => name.startsWith('PROXYCTL_') && value !== '',
    );
    if (set.length === 0) return { status: 'ok', detail: 'no PROXYCTL_ variable is set' };
    const detail = set.map(([name, value]) => `${name}=${name === secret ? '…' : value}`).join(', ');
    if (environment.session === undefined) return { status: 'ok', detail };
    return {
      status: 'warn',
      detail,
      hint: `This shell is inside session ${environment.session}: commands act on it unless told otherwise.`,
    };
  },
};
