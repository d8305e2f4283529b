import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { requireStack } from '../shared/find-stack.js';
import { publishing, recordingText } from '../shared/record-test.js';
import { text } from '../shared/values.js';

const args = z.object({ session: text.meta({ description: 'A session that records', placeholder: 'session' }) });

export const sessionPublish = defineCommand({
  name: 'session publish',
  summary: 'End a session that records, and publish its recording',
  description: 'For test frameworks that know the verdict themselves. Exits with 11 when the store does not take it.',
  examples: ['session publish checkout'],
  args,
  options: z.object({}),
  async run({ args: { session }, output, interrupts }) {
    const stack = await requireStack();
    const result = await publishing(stack, session, { verdict: 'publish' }, { output, interrupts });
    await stack.sessions.delete(session);
    output.print(result, recordingText);
  },
});

export const sessionReject = defineCommand({
  name: 'session reject',
  summary: 'End a session that records, and keep its recording aside',
  examples: ['session reject checkout --reason "the test failed"'],
  args,
  options: z.object({
    reason: text.default('Rejected').meta({ description: 'Why, to be kept with it', placeholder: 'text' }),
  }),
  async run({ args: { session }, options: { reason }, output }) {
    const stack = await requireStack();
    const result = await stack.sessions.endRecording(session, { verdict: 'reject', reason });
    await stack.sessions.delete(session);
    output.print(result, recordingText);
  },
});
