import { z } from 'zod';
import { eventTypes, mostEventBodyBytes, type MissedEvents, type SessionEvent } from '../protocol/session-event.js';
import { bytesWithin } from '../core/quantities.js';
import { formatBytes } from '../core/units.js';
import { defineCommand } from './shared/define-command.js';
import { requireStack } from './shared/find-stack.js';
import { interceptionText } from './intercept/interception-text.js';
import { text, wholeNumber } from './shared/values.js';

export const events = defineCommand({
  name: 'events',
  summary: 'Print what happens in sessions, as it happens',
  description:
    'Goes on until Ctrl-C, or until --count events were printed. With --json each is an object on a line of its own. Events have numbers: --since goes on behind one of them, for as long as it is kept.',
  examples: [
    'events',
    'events --session checkout --type miss --type failure',
    'events --host api.example.com --json | jq .url',
    'events --type response --count 1',
  ],
  args: z.object({}),
  options: z.object({
    session: text.optional().meta({ description: 'Of this session only', defaultText: 'all', placeholder: 'id' }),
    type: z
      .array(z.enum(eventTypes))
      .default([])
      .meta({ description: `Only events of this type: ${eventTypes.join(', ')}`, placeholder: 'type' }),
    host: z.array(text).default([]).meta({
      description: 'Of exchanges only those with this host (* matches any text)',
      placeholder: 'host',
    }),
    since: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'n')
      .optional()
      .meta({ description: 'First those after the event of this number; 0 for all that are kept' }),
    bodies: bytesWithin({ max: mostEventBodyBytes }).optional().meta({
      description: 'With --json: what ended as a HAR entry, with bodies up to this size (of sessions with a history)',
    }),
    count: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'n').optional().meta({ description: 'End after so many' }),
    follow: z.boolean().default(true).meta({ description: 'What it does anyway', short: 'f' }),
  }),
  async run({ options, output, interrupts }) {
    const { session, type, host, since, bodies, count = Infinity } = options;
    const stack = await requireStack();
    if (session !== undefined) await stack.sessions.get(session); // says which there are, if it is none of them
    const closed = new AbortController();
    output.onClosed(() => closed.abort());
    const signal = AbortSignal.any([interrupts.signal, closed.signal]);
    let printed = 0;
    for await (const event of stack.events({
      signal,
      ...(session === undefined ? {} : { session }),
      ...(type.length === 0 ? {} : { types: type }),
      ...(host.length === 0 ? {} : { hosts: host }),
      ...(since === undefined ? {} : { since }),
      ...(bodies === undefined ? {} : { bodies }),
    })) {
      output.line(event, eventText);
      printed += 1;
      if (printed >= count) return;
    }
  },
});

function eventText(event: SessionEvent | MissedEvents): string {
  if (event.type === 'missed') return `(${event.count ?? 'some'} events were missed)`;
  return `${event.time.slice(11, 23)}  ${event.session}  ${event.type}  ${whatOf(event)}`;
}

function whatOf(event: SessionEvent): string {
  switch (event.type) {
    case 'request':
      return `${event.method} ${event.url}`;
    case 'response-start':
      return `${event.status} ${event.method} ${event.url} after ${event.waitMs.toFixed(0)} ms`;
    case 'response':
      return `${event.status} ${event.method} ${event.url}, ${formatBytes(event.responseBytes)} in ${event.durationMs.toFixed(0)} ms, by ${event.servedBy}`;
    case 'failure':
      return `${event.method} ${event.url}: ${event.error.message}`;
    case 'miss':
      return `${event.method} ${event.url}`;
    case 'mock':
      return `${event.mock} for ${event.method} ${event.url}`;
    case 'tunnel':
      return `${event.host}:${event.port}, ${formatBytes(event.bytesSent)} up, ${formatBytes(event.bytesReceived)} down: ${event.reason}`;
    case 'toxic':
    case 'link':
      return event.action;
    case 'session':
      return event.reason === undefined ? event.action : `${event.action}: ${event.reason}`;
    case 'rule':
      return `${event.rule} ${event.id} ${event.action}`;
    case 'interception':
      return interceptionText(event);
    case 'process':
      return `${event.process} (process ${event.pid}) is ${event.state} since ${event.since}`;
    case 'warning':
      return event.message;
  }
}
