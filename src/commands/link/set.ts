import { z } from 'zod';
import { linkSettings } from '../../link/link.js';
import { defineCommand } from '../define-command.js';
import { findSession } from '../find-session.js';
import { requireStack } from '../find-stack.js';
import { session, text } from '../values.js';
import { renderLink } from './render-link.js';

export const linkSet = defineCommand({
  name: 'link',
  summary: 'Give a session one access link that all its connections share: 3g, dsl, or your own values',
  description:
    'Modelled, not real: packets of a modelled TCP queue before the rate, take the round trip and get lost; bytes are held back ' +
    'until it delivers them. No byte is lost, doubled or reordered.\n' +
    'The rates are what applications get, all connections together; headers of packets come on top.\n' +
    'Values given beside a profile replace its own. Without either, shows the link that the session has.',
  examples: [
    'link 3g',
    'link --down 1.6mbit --up 750kbit --rtt 150ms --loss 1%',
    'link wpt:cable --rtt 80ms',
    'link off',
  ],
  args: z.object({
    profile: text.optional().meta({ description: 'A name from link ls', placeholder: 'name' }),
  }),
  options: linkSettings.extend({ session }),
  async run({ args: { profile }, options: { session: named, ...values }, output }) {
    const stack = await requireStack();
    const { id, link } = await findSession(stack, named);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
    if (profile === undefined && Object.keys(given).length === 0) {
      output.print({ session: id, ...(link === undefined ? {} : { link }) }, () =>
        link === undefined ? `Session ${id} has no link. Give it one with: proxyctl link 3g` : renderLink(link),
      );
      return;
    }
    const set = await stack.link.set(id, { ...given, ...(profile === undefined ? {} : { profile }) });
    output.print(set, renderLink);
  },
});
