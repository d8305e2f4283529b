import { environment } from '../../src/config/environment.js';

/** Whether bulk tests move all that they are about: in the group `bulk`, which runs beside `e2e`. */
const isWhole = environment.get('PROXYCTL_TEST_BULK') === 'whole';

/** A size for tests that move a lot: a tenth of it in the main groups, whole in the group `bulk`. */
export function bulk(size: number): number {
  return isWhole ? size : size / 10;
}
