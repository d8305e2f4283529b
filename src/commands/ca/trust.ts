import { z } from 'zod';
import { defineCommand } from '../shared/define-command.js';
import { distrustInJdk, javaHome, trustInJdk } from '../trust/jdk-store.js';
import { chromiumNssFolder, distrustInNss, trustInNss } from '../trust/nss-store.js';
import { text } from '../shared/values.js';
import { authority } from './authority.js';

const stores = {
  nss: { folder: chromiumNssFolder, trust: trustInNss, distrust: distrustInNss },
  java: { folder: javaHome, trust: trustInJdk, distrust: distrustInJdk },
};

export const caTrust = defineCommand({
  name: 'ca trust',
  summary: 'Let browsers or a Java on this machine trust the CA',
  description: [
    'nss: Chromium, Chrome and Edge on Linux (~/.pki/nssdb); a Firefox profile with --folder. Needs certutil.',
    'java: the trust store of a Java itself (JAVA_HOME). Needs keytool, and leave to write there.',
    'Java programs that proxyctl runs do not need it: they are handed a trust store.',
  ].join('\n'),
  examples: [
    'ca trust nss',
    'ca trust nss --folder ~/.mozilla/firefox/x1y2z3.default',
    'ca trust java --folder /usr/lib/jvm/java-21',
    'ca trust nss --remove',
  ],
  args: z.object({ store: z.enum(['nss', 'java']).meta({ description: 'Kind of store' }) }),
  options: z.object({
    folder: text.optional().meta({
      description: 'Folder of the NSS database, or home of the Java',
      defaultText: '~/.pki/nssdb, JAVA_HOME',
      placeholder: 'folder',
    }),
    remove: z.boolean().default(false).meta({ description: 'Take the trust back' }),
  }),
  async run({ args, options, output }) {
    const { trust, distrust, folder: usual } = stores[args.store];
    const folder = options.folder ?? (await usual());
    if (options.remove) {
      const removed = await distrust(folder);
      output.print({ store: args.store, folder, trusted: false, removed }, () =>
        removed ? `${folder} trusts our CA no more.` : `${folder} did not trust our CA.`,
      );
      return;
    }
    await trust(folder, (await authority()).pem);
    output.print(
      { store: args.store, folder, trusted: true },
      () => `${folder} trusts our CA. Restart what is running.`,
    );
  },
});
