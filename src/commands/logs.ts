import { z } from 'zod';
import { formatLogEntry } from '../core/logger.js';
import { defineCommand } from './shared/define-command.js';
import { requireStack } from './shared/find-stack.js';
import { wholeNumber } from './shared/values.js';

const defaultLines = 100;

export const logs = defineCommand({
  name: 'logs',
  summary: 'Show what the stack and its children say',
  examples: ['logs', 'logs toxiproxy -n 20', 'logs -f mitm'],
  args: z.object({
    source: z.enum(['supervisor', 'toxiproxy', 'mitm']).optional().meta({
      description: 'Show this part only: supervisor, toxiproxy or mitm (all MITM processes)',
      placeholder: 'source',
    }),
  }),
  options: z.object({
    follow: z.boolean().default(false).meta({ description: 'Go on until Ctrl-C', short: 'f' }),
    lines: wholeNumber(0, 1_000_000, 'n')
      .default(defaultLines)
      .meta({ description: 'Begin with the last so many entries', short: 'n' }),
  }),
  async run({ args, options, output, interrupts }) {
    const stack = await requireStack();
    const closed = new AbortController();
    output.onClosed(() => closed.abort());
    const signal = options.follow ? AbortSignal.any([interrupts.signal, closed.signal]) : closed.signal;
    let shown = 0;
    for await (const entry of stack.logs({ ...options, ...args, signal })) {
      output.line(entry, formatLogEntry);
      shown += 1;
    }
    if (shown === 0 && !options.follow) output.note('No log entries yet.');
  },
});
