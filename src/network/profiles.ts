/** An access link by name. Rates are those of the source, in kbit/s; a missing one is no limit. */
export interface LinkProfile {
  /** `3g`; those of other tools stand under their names, as the same word means other numbers there: `wpt:3g`. */
  name: string;
  downKbit?: number;
  upKbit?: number;
  /** Milliseconds. Not what a tool applies to single requests, but what it wants the link to have. */
  rtt: number;
  jitter?: number;
  /** Of packets, in each direction. */
  loss?: number;
  burst?: string | number;
  /** Where the numbers come from. */
  source: string;
}

const own = 'our own: what such links are often like; no standard says so';
const devtools = 'Chrome DevTools, NetworkManager.ts (targets, before its own factors)';
const lighthouse = 'Lighthouse, constants.ts';
const wpt = 'WebPageTest, connectivity.ini.sample';
const sitespeed = 'sitespeed.io throttle, README';
const comcast = 'tylertreat/comcast, README';
const apple = 'Network Link Conditioner as useprobe.app tells of it; not verified at Apple';

export const linkProfiles: readonly LinkProfile[] = [
  { name: 'edge', downKbit: 240, upKbit: 200, rtt: 420, jitter: 40, source: own },
  { name: '3g', downKbit: 1600, upKbit: 768, rtt: 150, jitter: 20, source: own },
  { name: '4g', downKbit: 12000, upKbit: 6000, rtt: 70, jitter: 10, source: own },
  { name: 'lte', downKbit: 30000, upKbit: 10000, rtt: 50, jitter: 8, source: own },
  { name: '5g', downKbit: 150000, upKbit: 40000, rtt: 25, jitter: 4, source: own },
  { name: 'dsl', downKbit: 8000, upKbit: 1000, rtt: 40, source: own },
  { name: 'cable', downKbit: 100000, upKbit: 10000, rtt: 25, source: own },
  { name: 'wifi', downKbit: 50000, upKbit: 25000, rtt: 10, jitter: 4, loss: 0.001, source: own },
  { name: 'wifi-lossy', downKbit: 20000, upKbit: 10000, rtt: 20, jitter: 10, loss: 0.03, burst: '100ms', source: own },
  { name: 'satellite', downKbit: 20000, upKbit: 3000, rtt: 600, jitter: 20, loss: 0.005, source: own },
  { name: 'subway', downKbit: 2000, upKbit: 500, rtt: 200, jitter: 80, loss: 0.05, burst: '800ms', source: own },
  { name: 'devtools:3g', downKbit: 500, upKbit: 500, rtt: 400, source: devtools },
  { name: 'devtools:slow-4g', downKbit: 1600, upKbit: 750, rtt: 150, source: devtools },
  { name: 'devtools:fast-4g', downKbit: 9000, upKbit: 1500, rtt: 60, source: devtools },
  { name: 'lighthouse:mobile-slow-4g', downKbit: 1638.4, upKbit: 750, rtt: 150, source: lighthouse },
  { name: 'lighthouse:mobile-regular-3g', downKbit: 700, upKbit: 700, rtt: 300, source: lighthouse },
  { name: 'lighthouse:desktop-dense-4g', downKbit: 10240, rtt: 40, source: lighthouse },
  { name: 'wpt:cable', downKbit: 5000, upKbit: 1000, rtt: 28, source: wpt },
  { name: 'wpt:dsl', downKbit: 1500, upKbit: 384, rtt: 50, source: wpt },
  { name: 'wpt:fios', downKbit: 20000, upKbit: 5000, rtt: 4, source: wpt },
  { name: 'wpt:3g', downKbit: 1600, upKbit: 768, rtt: 300, source: wpt },
  { name: 'wpt:3g-fast', downKbit: 1600, upKbit: 768, rtt: 150, source: wpt },
  { name: 'wpt:3g-slow', downKbit: 780, upKbit: 330, rtt: 200, source: wpt },
  { name: 'wpt:edge', downKbit: 240, upKbit: 200, rtt: 840, source: wpt },
  { name: 'wpt:2g', downKbit: 35, upKbit: 32, rtt: 1300, source: wpt },
  { name: 'wpt:dial', downKbit: 49, upKbit: 30, rtt: 120, source: wpt },
  { name: 'sitespeed:3g', downKbit: 1600, upKbit: 768, rtt: 150, source: sitespeed },
  { name: 'sitespeed:3g-fast', downKbit: 1600, upKbit: 768, rtt: 75, source: sitespeed },
  { name: 'sitespeed:3g-slow', downKbit: 400, upKbit: 400, rtt: 200, source: sitespeed },
  { name: 'sitespeed:4g', downKbit: 9000, upKbit: 9000, rtt: 85, source: sitespeed },
  { name: 'sitespeed:lte', downKbit: 12000, upKbit: 12000, rtt: 35, source: sitespeed },
  { name: 'sitespeed:edge', downKbit: 240, upKbit: 200, rtt: 420, source: sitespeed },
  { name: 'sitespeed:2g', downKbit: 280, upKbit: 256, rtt: 400, source: sitespeed },
  { name: 'comcast:gprs', downKbit: 50, upKbit: 50, rtt: 500, loss: 0.02, source: comcast },
  { name: 'comcast:edge', downKbit: 250, upKbit: 250, rtt: 300, loss: 0.015, source: comcast },
  { name: 'comcast:3g', downKbit: 750, upKbit: 750, rtt: 250, loss: 0.015, source: comcast },
  { name: 'comcast:wifi', downKbit: 30000, upKbit: 30000, rtt: 40, loss: 0.002, source: comcast },
  { name: 'comcast:dsl-poor', downKbit: 2000, upKbit: 2000, rtt: 70, loss: 0.02, source: comcast },
  { name: 'apple:3g', downKbit: 780, upKbit: 330, rtt: 200, source: apple },
  { name: 'apple:lte', downKbit: 50000, upKbit: 10000, rtt: 115, source: apple },
  { name: 'apple:dsl', downKbit: 2000, upKbit: 256, rtt: 10, source: apple },
  { name: 'apple:very-bad', downKbit: 1000, upKbit: 1000, rtt: 1000, loss: 0.1, source: apple },
];
