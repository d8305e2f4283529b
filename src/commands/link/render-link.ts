import type { Link } from '../../link/index.js';

/** `link 3g (modelled): down 200 kB/s, up 96 kB/s, rtt 150 ms, jitter 20 ms, seed 42` */
export function renderLink({ profile, down, up, rtt, jitter, loss, burst, queue, seed, kind }: Link): string {
  const parts = [
    down === undefined ? undefined : `down ${round(down)} kB/s`,
    up === undefined ? undefined : `up ${round(up)} kB/s`,
    rtt === undefined ? undefined : `rtt ${rtt} ms`,
    jitter === undefined ? undefined : `jitter ${jitter} ms`,
    loss === undefined ? undefined : `loss ${round(loss * 100)}%`,
    burst === undefined ? undefined : `burst ${burst}${typeof burst === 'number' ? ' packets' : ''}`,
    queue === undefined ? undefined : `queue ${queue} packets`,
    `seed ${seed}`,
  ];
  const name = profile === undefined ? 'link' : `link ${profile}`;
  return `${name} (${kind}): ${parts.filter((part) => part !== undefined).join(', ')}`;
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
