import { z } from 'zod';
import type { ChildStatus, StackStatus } from '../api/schemas.js';
import { packageVersion } from '../core/package-version.js';
import { formatDuration } from '../core/units.js';
import { defineCommand } from './shared/define-command.js';
import { requireStack } from './shared/find-stack.js';
import type { Paint } from './shared/output.js';
import { renderSessions } from './session/render-sessions.js';
import { timelineText } from './link/render-link.js';
import { fields } from './shared/table.js';

export const status = defineCommand({
  name: 'status',
  summary: 'Show the running stack and its sessions',
  description: 'Exits with 3 when no stack is running.',
  examples: ['status', 'status --json'],
  args: z.object({}),
  options: z.object({}),
  async run({ output }) {
    const stack = await (await requireStack()).status();
    output.print({ ...stack, commandVersion: packageVersion() }, renderStatus);
  },
});

function renderStatus(stack: StackStatus, paint: Paint): string {
  const up = formatDuration(Date.now() - Date.parse(stack.startedAt));
  const head = fields([
    ['stack', `${paint(stack.state === 'ready' ? 'green' : 'yellow', stack.state)}, process ${stack.pid}, up ${up}`],
    ['version', versionText(stack.version)],
    ['api', stack.url],
    ...stack.children.map((child) => [child.name, childText(child, paint)] as const),
    ['ca', stack.caPath],
    ['home', stack.home],
  ]);
  const sessions =
    stack.sessions.length === 0
      ? 'No sessions. Open one with: proxyctl exec -- <command>'
      : renderSessions(stack.sessions);
  return [head, sessions, networksText(stack)].filter((part) => part !== '').join('\n\n');
}

function versionText(version: string): string {
  const own = packageVersion();
  return version === own ? version : `${version} (this command is ${own})`;
}

/** What connections met in modelled networks, a line for each session that has had one. */
function networksText({ sessions }: StackStatus): string {
  return sessions
    .flatMap(({ id, network, timeline }) => {
      const follows = timeline === undefined ? [] : [`${id}: ${timelineText(timeline)}`];
      if (network === undefined) return follows;
      const { connections, packetsLost, stalls, heldMs } = network;
      const met = `${id} (modelled network): ${packetsLost} packets lost, ${stalls} stalls, data held for ${formatDuration(heldMs)} on ${connections} connections`;
      return [...follows, met];
    })
    .join('\n');
}

function stateText({ state, since }: ChildStatus): string {
  return state === 'silent' ? `does not answer since ${since}` : state;
}

function childText(child: ChildStatus, paint: Paint): string {
  return [
    paint(child.state === 'ready' ? 'green' : 'red', stateText(child)),
    child.version,
    child.pid === undefined ? undefined : `process ${child.pid}`,
    child.url,
    child.origin === undefined ? undefined : `from ${child.origin}`,
    child.restarts === 0 ? undefined : `restarted ${child.restarts} times`,
    child.lastError,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
