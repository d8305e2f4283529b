import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { environment } from '../config/environment.js';
import { makeTempFolder } from '../core/temp-folder.js';
import { silentLogger } from '../core/logger.js';
import { runDemo } from '../demo/demo.js';
import { defineCommand } from './shared/define-command.js';
import { progressNotes } from './shared/progress-notes.js';

/** Variables of a running stack, or of a session that this command runs in: the demo has a stack of its own. */
const notForTheDemo =
  /^(PROXYCTL_(URL|TOKEN|SESSION|STORE)|(HTTPS?|ALL|NO)_PROXY|https?_proxy|all_proxy|no_proxy|JAVA_TOOL_OPTIONS)$/;

export const demo = defineCommand({
  name: 'demo',
  summary: 'A guided tour: bad network, record, backend off, replay',
  description:
    'Really runs the commands that it shows, in a temporary folder with a stack and a sample backend of its own, and removes them behind it. Fails when a step does not show what it claims.',
  examples: ['demo', 'demo --json'],
  args: z.object({}),
  options: z.object({}),
  async run({ output, interrupts }) {
    const began = performance.now();
    const { signal } = interrupts;
    const say = (text: string): void => {
      if (!output.json) output.line(text, (line, paint) => paint('bold', line));
    };
    const show = (text: string): void => {
      if (!output.json) output.line(text, (line, paint) => (line.startsWith('$ ') ? paint('cyan', line) : line));
    };
    const { provisionToxiproxy } = await import('../../supervisor/toxiproxy/provision/index.js');
    const { path } = await provisionToxiproxy({
      signal,
      logger: silentLogger,
      onProgress: progressNotes(output).report,
    });
    const folder = await makeTempFolder('demo');
    try {
      const inherited = Object.entries(environment.all()).filter(([name]) => !notForTheDemo.test(name));
      const env = {
        ...Object.fromEntries(inherited),
        PROXYCTL_HOME: join(folder, 'home'),
        PROXYCTL_TOXIPROXY: path,
        NO_COLOR: '1',
      };
      const facts = await runDemo({
        folder,
        env,
        signal,
        say,
        show,
        warn: (text) => output.note(text),
        proxyctl: [process.execPath, process.argv[1] ?? ''],
      });
      const seconds = Math.round((performance.now() - began) / 100) / 10;
      say(`\nAll of it held, in ${seconds} s. Your turn: proxyctl exec -- <a program of yours>`);
      if (output.json) output.print({ ...facts, seconds }, () => '');
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
});
