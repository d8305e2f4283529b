import type { CongestionControl } from './congestion-control.js';
import { createCubic } from './cubic.js';
import { createNoControl } from './no-control.js';
import { createReno } from './reno.js';

export const congestionControls = ['cubic', 'reno', 'none'] as const;
export type CongestionControlName = (typeof congestionControls)[number];

export function createCongestionControl(name: CongestionControlName): CongestionControl {
  switch (name) {
    case 'cubic':
      return createCubic();
    case 'reno':
      return createReno();
    case 'none':
      return createNoControl();
  }
}
