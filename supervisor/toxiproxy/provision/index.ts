export { unreachableBecause } from './download.js';
export type {
  FailedAttempt,
  ProvisionedToxiproxy,
  ProvisionProgress,
  ProvisionStep,
  ToxiproxyOrigin,
} from './progress.js';
export { provisionToxiproxy, type ProvisionOptions } from './provision-toxiproxy.js';
export { pinnedRelease, type ToxiproxyRelease } from './release.js';
