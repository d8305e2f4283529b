import { z } from 'zod';
import type { CheckResult } from '../doctor/index.js';
import { defineCommand } from './shared/define-command.js';
import type { Paint } from './shared/output.js';
import { port, text } from './shared/values.js';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check this machine and say what to do',
  description: 'Changes nothing. Exits with 1 when something stands in the way of proxyctl.',
  examples: ['doctor', 'doctor --json'],
  args: z.object({}),
  options: z.object({
    apiPort: port.optional().meta({
      description: 'Port that up would take for its control API',
      defaultText: '4600',
      placeholder: 'n',
      formerNames: ['port'],
    }),
    toxiproxy: text.optional().meta({ description: 'Toxiproxy server program to look at', placeholder: 'file' }),
  }),
  async run({ options, output, interrupts }) {
    const { runChecks } = await import('../doctor/index.js');
    const results = await runChecks({
      signal: interrupts.signal,
      onResult: (result) => {
        if (!output.json) output.line(result, renderCheck);
      },
      ...(options.apiPort === undefined ? {} : { apiPort: options.apiPort }),
      ...(options.toxiproxy === undefined ? {} : { toxiproxyPath: options.toxiproxy }),
    });
    const failed = results.filter(({ status }) => status === 'fail');
    const warned = results.filter(({ status }) => status === 'warn');
    if (output.json) output.print(results, () => '');
    else output.note(verdict(failed.length, warned.length));
    return failed.length === 0 ? 0 : 1;
  },
});

const marks = {
  ok: ['green', 'ok  '],
  warn: ['yellow', 'warn'],
  fail: ['red', 'FAIL'],
} as const;

function renderCheck({ name, status, detail, hint }: CheckResult, paint: Paint): string {
  const [colour, mark] = marks[status];
  const line = `${paint(colour, mark)}  ${name}: ${detail}`;
  return hint === undefined ? line : `${line}\n      ${hint}`;
}

function verdict(failed: number, warned: number): string {
  if (failed > 0) return `${failed} ${failed === 1 ? 'thing stands' : 'things stand'} in the way.`;
  return warned === 0 ? 'All is well.' : `Works, with ${warned} ${warned === 1 ? 'thing' : 'things'} to know about.`;
}
