import { z } from 'zod';
import { linkSettings, profileValues, type SetLinkRequest } from '../../network/link.js';
import { defineCommand } from '../shared/define-command.js';
import { findSession } from '../shared/find-session.js';
import { requireStack } from '../shared/find-stack.js';
import { session, text, times } from '../shared/values.js';
import { configuredProfiles } from './configured-profiles.js';
import { readTrace } from './read-trace.js';
import { renderLink, timelineText } from './render-link.js';

export const linkSet = defineCommand({
  name: 'link',
  summary: 'Give a session one access link that all its connections share: 3g, dsl, or your own values',
  description:
    'Modelled, not real: packets of a modelled TCP queue before the rate, take the round trip and get lost; bytes are held back ' +
    'until it delivers them. No byte is lost, doubled or reordered.\n' +
    'The rates are what applications get, all connections together; headers of packets come on top.\n' +
    'A recorded link in Mahimahi’s format can take the place of a rate.\n' +
    'Values given beside a profile replace its own. Without either, shows the link that the session has.',
  examples: [
    'link 3g',
    'link --down 1.6mbit --up 750kbit --rtt 150ms --loss 1%',
    'link wpt:cable --rtt 80ms',
    'link edge --after 5s --for 30s',
    'link --trace-down lte.down --trace-up lte.up --rtt 60ms',
    'link off',
  ],
  args: z.object({
    profile: text.optional().meta({ description: 'A name from link ls', placeholder: 'name' }),
  }),
  options: linkSettings.extend({
    traceDown: text.optional().meta({ description: 'Receive as this recorded link does', placeholder: 'file' }),
    traceUp: text.optional().meta({ description: 'Send as this recorded link does', placeholder: 'file' }),
    ...times,
    session,
  }),
  async run({ args: { profile }, options: { session: named, traceDown, traceUp, ...values }, output }) {
    const stack = await requireStack();
    const { id, link, timeline } = await findSession(stack, named);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
    const trace = {
      ...(traceDown === undefined ? {} : { down: await readTrace('--trace-down', traceDown) }),
      ...(traceUp === undefined ? {} : { up: await readTrace('--trace-up', traceUp) }),
    };
    const traced = Object.keys(trace).length > 0;
    if (profile === undefined && Object.keys(given).length === 0 && !traced) {
      const present = { ...(link === undefined ? {} : { link }), ...(timeline === undefined ? {} : { timeline }) };
      output.print({ session: id, ...present }, () =>
        [
          link === undefined ? `Session ${id} has no link. Give it one with: proxyctl link 3g` : renderLink(link),
          ...(timeline === undefined ? [] : [timelineText(timeline)]),
        ].join('\n'),
      );
      return;
    }
    const set = await stack.link.set(id, {
      ...(profile === undefined ? {} : asRequest(profile)),
      ...given,
      ...(traced ? { trace } : {}),
    });
    output.print(set, renderLink);
    const { timeline: follows } = await stack.sessions.get(id);
    if (follows !== undefined) output.note(timelineText(follows));
  },
});

/** A link of the config file goes to the stack by its values: a stack that runs elsewhere does not know it. */
function asRequest(profile: string): SetLinkRequest {
  const own = configuredProfiles().find(({ name }) => name === profile);
  return own === undefined ? { profile } : { name: own.name, ...profileValues(own) };
}
