import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { authority } from './authority.js';

export const caPath = defineCommand({
  name: 'ca path',
  summary: 'Print the path of the CA certificate',
  examples: ['ca path', 'ca path --json'],
  args: z.object({}),
  options: z.object({}),
  async run({ output }) {
    const { path } = await authority();
    output.print({ path }, () => path);
  },
});
