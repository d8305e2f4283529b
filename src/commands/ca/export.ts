import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, UsageError } from '../../errors/index.js';
import { defineCommand } from '../shared/define-command.js';
import { javaTrustStore, trustStorePassword } from '../trust/java-key-store.js';
import { publicRoots } from '../trust/root-certificates.js';
import { text } from '../shared/values.js';
import { authority } from './authority.js';

const formats = {
  pem: async (pem: string) => Buffer.from(pem),
  der: async (pem: string) => new X509Certificate(pem).raw,
  jks: async (pem: string) =>
    javaTrustStore([pem, ...(await publicRoots())], new Date(new X509Certificate(pem).validFrom)),
};

export const caExport = defineCommand({
  name: 'ca export',
  summary: 'Write the CA certificate in the format that a client wants',
  description: [
    'pem: most programs, Android, Firefox. der: iOS, Windows (name it .cer).',
    `jks: a Java trust store with the public roots as well; its password is ${trustStorePassword}.`,
    'Without --out the certificate goes to stdout.',
  ].join('\n'),
  examples: [
    'ca export > proxyctl.pem',
    'ca export --format der --out proxyctl.cer',
    'ca export --format jks --out trust.jks',
  ],
  args: z.object({}),
  options: z.object({
    format: z.enum(['pem', 'der', 'jks']).default('pem').meta({ description: 'Format' }),
    out: text.optional().meta({ description: 'File to write', placeholder: 'file' }),
  }),
  async run({ options: { format, out }, output }) {
    const { pem } = await authority();
    const data = await formats[format](pem);
    if (out === undefined) {
      if (output.json) output.print({ format, base64: data.toString('base64') }, () => '');
      else if (format !== 'pem' && output.isTerminal) throw binaryToTerminal(format);
      else output.raw(data);
      return;
    }
    try {
      await writeFile(out, data);
    } catch (error) {
      throw new UsageError(`--out: ${out} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    output.print({ format, path: out }, () => `Wrote ${out}.`);
  },
});

function binaryToTerminal(format: string): UsageError {
  return new UsageError(`${format} is binary, and stdout is a terminal`, {
    hint: `Name a file: proxyctl ca export --format ${format} --out FILE`,
  });
}
