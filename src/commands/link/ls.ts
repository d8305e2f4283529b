import { z } from 'zod';
import { linkProfiles, type LinkProfile } from '../../network/profiles.js';
import { defineCommand } from '../shared/define-command.js';
import { table } from '../shared/table.js';
import { configuredProfiles } from './configured-profiles.js';

export const linkLs = defineCommand({
  name: 'link ls',
  summary: 'List the links that have a name, and where their numbers come from',
  description:
    'The same word means other numbers in other tools, so theirs stand under the tool’s name. Links of your own stand in proxyctl.config.yaml, like\n' +
    'links: { office: { down: 20mbit, up: 5mbit, rtt: 30ms, loss: 0.1% } }',
  examples: ['link ls', 'link ls --json'],
  args: z.object({}),
  options: z.object({}),
  async run({ output }) {
    output.print([...configuredProfiles(), ...linkProfiles], renderProfiles);
    return Promise.resolve();
  },
});

function renderProfiles(profiles: readonly LinkProfile[]): string {
  return table(
    ['LINK', 'DOWN', 'UP', 'RTT', 'JITTER', 'LOSS', 'SOURCE'],
    profiles.map(({ name, downKbit, upKbit, rtt, jitter, loss, burst, source }) => [
      name,
      rate(downKbit),
      rate(upKbit),
      `${rtt}ms`,
      jitter === undefined ? '-' : `${jitter}ms`,
      loss === undefined
        ? '-'
        : `${Number((loss * 100).toPrecision(3))}%${burst === undefined ? '' : ` in bursts of ${burst}`}`,
      source,
    ]),
  );
}

function rate(kbit: number | undefined): string {
  if (kbit === undefined) return '-';
  return kbit >= 1000 ? `${kbit / 1000}mbit` : `${kbit}kbit`;
}
