import { z } from 'zod';
import { defineCommand } from './shared/define-command.js';
import { programName, storedCommand } from '../core/program-name.js';
import { checkCommand } from './shared/find-command.js';
import { runCommand } from './shared/run-command.js';
import { endWithReport, forReport } from './session-report/end-with-report.js';
import { sessionFlags } from './shared/session-flags.js';
import { environmentOptions, reportFolderOptions, sessionRequest } from './shared/session-options.js';
import {
  lostProcessError,
  noteOpenProxy,
  noteWarnings,
  sessionEnvironment,
  withSession,
} from './shared/with-session.js';
import { withStack } from './shared/with-stack.js';

export const exec = defineCommand({
  name: 'exec',
  summary: 'Run a command behind the proxy, live',
  description:
    'CMD gets a session of its own, with proxy and CA variables set for most languages and tools. Uses the running stack, or starts one for the length of CMD. The exit code is CMD’s; 8 where CMD succeeded although a process of the stack ended meanwhile and cut its connections.',
  examples: ['exec -- curl https://example.com', 'exec --no-intercept "*.bank.example" -- npm test'],
  args: z.object({}),
  options: z.object({ ...sessionFlags('exec'), ...environmentOptions, ...reportFolderOptions }),
  passthrough: 'required',
  async run({ options, rest, output, interrupts }) {
    await checkCommand(rest);
    return withStack({ output, interrupts }, async ({ api, own }) => {
      const request = await sessionRequest('exec', options, own);
      return withSession(
        api,
        { mode: 'live', ...storedCommand(rest), ...request, ...forReport(options) },
        async (open) => {
          noteOpenProxy(output, open.session);
          const env = await sessionEnvironment(open, options);
          interrupts.throwIfInterrupted();
          const { exitCode } = await runCommand(rest, { env, interrupts, stdoutToStderr: output.json });
          const about = { title: programName(rest) ?? 'exec', exitCode };
          const summary = await endWithReport(open, options, about, output);
          noteWarnings(output, summary);
          if (output.json) output.print({ exitCode, ...summary }, () => '');
          const failure = exitCode === 0 ? lostProcessError(summary) : undefined;
          if (failure !== undefined) throw failure;
          return exitCode;
        },
      );
    });
  },
});
