import { z } from 'zod';
import { environment } from '../../config/environment.js';
import { distinctCertificates } from '../../core/pem.js';
import { millisecondsWithin } from '../../core/quantities.js';
import { UsageError } from '../../errors/index.js';
import { AddressOverrides } from '../address-overrides.js';
import { parseParentProxy } from '../parent-proxy.js';
import { readNamedFile } from './read-named-file.js';
import type { FlagValues, SessionOptions } from './session-option.js';

const limit = millisecondsWithin({ min: 1, whole: true });

/** The way from a session to its backends. */
export const upstreamOptions = {
  upstreamCa: {
    schema: z.array(z.string()).default([]).describe('PEM certificates trusted for backends besides the usual roots'),
    flag: {
      description: 'Trust the certificates in this PEM file when connecting to backends',
      placeholder: 'file',
      read: async (files: string[]) => (await Promise.all(files.map(certificatesOf))).flat(),
    },
  },
  insecureUpstream: {
    schema: z.array(z.string()).default([]).describe('Hosts whose certificate is not verified; * for all'),
    flag: {
      description: 'Do not verify the certificates of these backends; without a host: of none',
      placeholder: 'host',
      bare: '*',
    },
  },
  upstreamProxy: {
    secret: true,
    schema: z.string().optional().describe('Connect to backends through this proxy: http://[user:password@]host:port'),
    flag: {
      description: 'Connect to backends through this proxy: http://[user:password@]host:port, or env for HTTPS_PROXY',
      placeholder: 'url',
      defaultText: 'directly',
      read: parentProxy,
    },
  },
  upstreamProxyBypass: {
    schema: z.array(z.string()).default([]).describe('Connect to these hosts past that proxy, as in NO_PROXY'),
    flag: { placeholder: 'host', read: bypassedHosts },
  },
  resolve: {
    schema: z
      .array(z.string())
      .default([])
      .describe('Connect to this address for that host: host[:port]=address[:port]'),
    flag: {
      placeholder: 'rule',
      read(rules: string[]) {
        new AddressOverrides(rules); // says what is wrong with them
        return rules;
      },
    },
  },
  clientCertificates: {
    secret: true,
    schema: z
      .array(z.strictObject({ host: z.string(), pem: z.string() }))
      .default([])
      .describe('What backends are shown that ask who the client is: host pattern, and PEM of certificate and key'),
    flag: {
      name: 'clientCert',
      description: 'Show this certificate to that host: host=file, a PEM with certificate and private key',
      placeholder: 'rule',
      read: (rules: string[]) => Promise.all(rules.map(clientCertificate)),
    },
  },
  connectTimeoutMs: {
    schema: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Give a connection to a backend up after this time: name resolution, TCP and TLS together'),
    flag: {
      name: 'connectTimeout',
      description: 'Give a connection to a backend up after this time',
      defaultText: '30s',
      text: limit,
    },
  },
  idleTimeoutMs: {
    schema: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Give an answer up when nothing has come or gone for this time'),
    flag: {
      name: 'idleTimeout',
      description: 'Give an answer up when nothing has come for this time',
      defaultText: '10min',
      text: limit,
    },
  },
} satisfies SessionOptions;

function parentProxy(given: string): string {
  const url = given === 'env' ? (variable('HTTPS_PROXY') ?? variable('HTTP_PROXY')) : given;
  if (url === undefined) {
    throw new UsageError('--upstream-proxy env: neither HTTPS_PROXY nor HTTP_PROXY is set', {
      hint: 'Set one of them, or give the URL of the proxy.',
    });
  }
  parseParentProxy(url); // says what is wrong with it
  return url;
}

function bypassedHosts(hosts: string[], { upstreamProxy }: FlagValues): string[] {
  if (upstreamProxy === undefined && hosts.length > 0)
    throw new UsageError('--upstream-proxy-bypass needs --upstream-proxy', { hint: 'Name the proxy as well.' });
  if (upstreamProxy !== 'env') return hosts;
  return [...hosts, ...(variable('NO_PROXY') ?? '').split(/[\s,]+/).filter((host) => host !== '')];
}

/** Such variables are written either way; an empty one is as good as none. */
function variable(name: string): string | undefined {
  const value = environment.get(name) ?? environment.get(name.toLowerCase());
  return value === '' ? undefined : value;
}

async function certificatesOf(file: string): Promise<string[]> {
  const certificates = distinctCertificates([await readNamedFile('--upstream-ca', file)]);
  if (certificates.length > 0) return certificates;
  throw new UsageError(`--upstream-ca: ${file} holds no certificate`, {
    hint: 'Give a PEM file with one or more -----BEGIN CERTIFICATE----- blocks.',
  });
}

async function clientCertificate(rule: string): Promise<{ host: string; pem: string }> {
  const at = rule.indexOf('=');
  const [host, file] = [rule.slice(0, at), rule.slice(at + 1)];
  if (at < 1 || file === '') {
    throw new UsageError(`--client-cert: ${JSON.stringify(rule)} is not host=file`, {
      hint: 'Write for example: --client-cert api.example.com=me.pem',
    });
  }
  const pem = await readNamedFile('--client-cert', file);
  if (/-----BEGIN CERTIFICATE-----/.test(pem) && /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----/.test(pem)) {
    return { host, pem };
  }
  throw new UsageError(`--client-cert: ${file} does not hold a certificate and its private key`, {
    hint: 'Put both into one PEM file, the key without a passphrase: cat cert.pem key.pem > me.pem',
  });
}
