export {
  linkSchema,
  linkSettings,
  profileValues,
  resolveLink,
  setLinkRequest,
  type ActiveLink,
  type Link,
  type SetLinkRequest,
} from './link.js';
export { parseTrace, type LinkTrace } from './delivery-trace.js';
export { ownProfiles } from './own-profiles.js';
export * from './timeline/index.js';
export { linkProfiles, type LinkProfile } from './profiles.js';
export { meanLoss, type GilbertElliott, type LossModel, type TimedBursts } from './loss-process.js';
export type { LinkRate } from './link-direction.js';
export { ConnectionTimedOutError } from './stage/connection-timed-out-error.js';
export {
  cleanDirection,
  type DirectionConditions,
  type LossSource,
  type NetworkConditions,
  type RateConditions,
} from './stage/network-conditions.js';
export type { ConnectionMeter, DirectionMet, Met, Reckoning } from './stage/connection-meter.js';
export { isGrafted } from './stage/grafted-socket.js';
export { NetworkStage } from './stage/network-stage.js';
export type { ConnectionReport, DirectionReport } from './stage/shaped-connection.js';
export { addTotals, networkTotals, noTotals, type NetworkTotals } from './stage/network-totals.js';
export { SessionNetwork } from './stage/session-network.js';
export type { ShapedSocket } from './stage/shaped-socket.js';
export { congestionControls, type CongestionControlName } from './tcp/congestion-control.js';
