import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { fields } from '../shared/table.js';
import { authority } from './authority.js';

export const caShow = defineCommand({
  name: 'ca show',
  summary: 'Show the CA certificate: name, dates and fingerprints',
  examples: ['ca show'],
  args: z.object({}),
  options: z.object({}),
  async run({ output }) {
    const { pem, path } = await authority();
    const certificate = new X509Certificate(pem);
    const { subject, validFrom, validTo, serialNumber, fingerprint, fingerprint256 } = certificate;
    const value = {
      path,
      subject: subject.replaceAll('\n', ', '),
      validFrom: new Date(validFrom).toISOString(),
      validTo: new Date(validTo).toISOString(),
      serialNumber,
      sha256: fingerprint256,
      sha1: fingerprint,
    };
    output.print(value, () =>
      fields([
        ['path', value.path],
        ['subject', value.subject],
        ['valid from', value.validFrom],
        ['valid to', value.validTo],
        ['serial number', value.serialNumber],
        ['SHA-256', value.sha256],
        ['SHA-1', value.sha1],
      ]),
    );
  },
});
