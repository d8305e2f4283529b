import { formatDuration } from '../../core/units.js';
import type { Link } from '../../network/link.js';
import type { TimelineView } from '../../network/timeline/schema.js';

/** `link 3g (modelled): down 200 kB/s, up 96 kB/s, rtt 150 ms, jitter 20 ms, seed 42` */
export function renderLink({
  profile,
  down,
  up,
  rtt,
  jitter,
  loss,
  burst,
  queue,
  seed,
  kind,
  trace,
  outage,
}: Link): string {
  const parts = [
    down === undefined ? undefined : `down ${round(down)} kB/s`,
    up === undefined ? undefined : `up ${round(up)} kB/s`,
    rtt === undefined ? undefined : `rtt ${round(rtt)} ms`,
    jitter === undefined ? undefined : `jitter ${round(jitter)} ms`,
    loss === undefined ? undefined : `loss ${round(loss * 100)}%`,
    burst === undefined ? undefined : `burst ${burst}${typeof burst === 'number' ? ' packets' : ''}`,
    trace?.down === undefined ? undefined : `down as ${trace.down}`,
    trace?.up === undefined ? undefined : `up as ${trace.up}`,
    outage === undefined ? undefined : 'nothing gets through at present',
    queue === undefined ? undefined : `queue ${queue} packets`,
    `seed ${seed}`,
  ];
  const name = profile === undefined ? 'link' : `link ${profile}`;
  return `${name} (${kind}): ${parts.filter((part) => part !== undefined).join(', ')}`;
}

/** `timeline subway, step 2 of 5, round 1 (seed 42), the next in 3.2 s` */
export function timelineText({ name, step, steps, round, rounds, seed, nextAt }: TimelineView): string {
  const parts = [
    `timeline${name === undefined ? '' : ` ${name}`}`,
    `step ${step} of ${steps}`,
    rounds === 1 ? undefined : `round ${round}${rounds === undefined ? '' : ` of ${rounds}`}`,
    `seed ${seed}`,
    nextAt === undefined ? undefined : `next change in ${formatDuration(Math.max(0, Date.parse(nextAt) - Date.now()))}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** On a ramp there are more digits than anyone reads. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
