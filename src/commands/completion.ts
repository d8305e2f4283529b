import { z } from 'zod';
import { defineCommand } from './shared/define-command.js';
import { completionScripts } from './shared/completion-scripts.js';

export const completion = defineCommand({
  name: 'completion',
  summary: 'Print a completion script for a shell',
  description: [
    'bash: add to ~/.bashrc:  source <(proxyctl completion bash)',
    'zsh:  add to ~/.zshrc:   source <(proxyctl completion zsh)',
    'fish: proxyctl completion fish > ~/.config/fish/completions/proxyctl.fish',
  ].join('\n'),
  examples: ['completion bash'],
  args: z.object({
    shell: z.enum(['bash', 'zsh', 'fish']).meta({ description: 'bash, zsh or fish', placeholder: 'shell' }),
  }),
  options: z.object({}),
  async run({ args, output }) {
    const { commandEntries } = await import('./index.js');
    const declarations = (await Promise.all(commandEntries.map(({ load }) => load()))).flat();
    const script = completionScripts[args.shell](declarations);
    if (output.json) output.print({ shell: args.shell, script }, () => '');
    else output.raw(script);
  },
});
