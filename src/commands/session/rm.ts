import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { requireStack } from '../shared/find-stack.js';
import { endWithReport } from '../session-report/end-with-report.js';
import { reportFolderOptions } from '../shared/session-options.js';
import { text } from '../shared/values.js';

export const sessionRm = defineCommand({
  name: 'session rm',
  summary: 'End sessions',
  description: 'A recording that is under way in one of them is kept aside as rejected.',
  examples: ['session rm checkout', 'session rm checkout --report-dir reports --allure allure-results'],
  args: z.object({ sessions: z.array(text).min(1).meta({ description: 'Sessions to end', placeholder: 'session' }) }),
  options: z.object({ ...reportFolderOptions }),
  async run({ args, options, output }) {
    const stack = await requireStack();
    for (const id of args.sessions) {
      const session = await stack.sessions.get(id);
      const open = { stack, session, end: () => stack.sessions.delete(id) };
      const about = { title: session.testId ?? session.name ?? id, exitCode: undefined };
      const summary = await endWithReport(open, options, about, output);
      output.line(summary, () => `Ended ${id}.`);
    }
  },
});
