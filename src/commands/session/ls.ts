import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { requireStack } from '../shared/find-stack.js';
import { renderSessions } from './render-sessions.js';

export const sessionLs = defineCommand({
  name: 'session ls',
  summary: 'List the sessions of the running stack',
  examples: ['session ls', 'session ls --json'],
  args: z.object({}),
  options: z.object({}),
  async run({ output }) {
    const sessions = await (await requireStack()).sessions.list();
    output.print(sessions, renderSessions);
    if (sessions.length === 0) output.note('No sessions. Open one with: proxyctl exec -- <command>');
  },
});
