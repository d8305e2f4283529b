import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { environment } from '../../config/environment.js';
import { millisecondsWithin } from '../../core/quantities.js';
import { messageOf, UsageError } from '../../errors/index.js';
import { AddressOverrides } from '../../proxy/upstream/route/address-overrides.js';
import { parseParentProxy } from '../../proxy/upstream/route/parent-proxy.js';
import { parseReverseTarget } from '../../protocol/reverse-target.js';
import { text } from './values.js';

const limit = millisecondsWithin({ min: 1, whole: true });

/** Flags for the way from a session to its backends. */
export const upstreamOptions = {
  upstreamProxy: text.optional().meta({
    description: 'Connect to backends through this proxy: http://[user:password@]host:port, or env for HTTPS_PROXY',
    defaultText: 'directly',
    placeholder: 'url',
  }),
  upstreamProxyBypass: z.array(text).default([]).meta({
    description: 'Connect to these hosts past that proxy, as in NO_PROXY',
    placeholder: 'host',
  }),
  resolve: z.array(text).default([]).meta({
    description: 'Connect to this address for that host: host[:port]=address[:port]',
    placeholder: 'rule',
  }),
  clientCert: z.array(text).default([]).meta({
    description: 'Show this certificate to that host: host=file, a PEM with certificate and private key',
    placeholder: 'rule',
  }),
  connectTimeout: limit.optional().meta({
    description: 'Give a connection to a backend up after this time',
    defaultText: '30s',
  }),
  idleTimeout: limit.optional().meta({
    description: 'Give an answer up when nothing has come for this time',
    defaultText: '10min',
  }),
  reverse: text.optional().meta({
    description: 'For clients that cannot use a proxy: requests to the session’s own address go to this backend',
    placeholder: 'origin',
  }),
  passthroughOnPinning: z.boolean().default(false).meta({
    description: 'When a client refuses our certificate for a host, let that host pass untouched from then on',
  }),
};

export type UpstreamOptions = z.output<z.ZodObject<typeof upstreamOptions>>;

/** The part of a `CreateSessionRequest` that these flags say. Throws `UsageError`, naming the flag. */
export async function upstreamRequest(options: UpstreamOptions) {
  const { resolve, connectTimeout, idleTimeout, passthroughOnPinning, reverse } = options;
  if (reverse !== undefined) parseReverseTarget(reverse); // the same
  new AddressOverrides(resolve); // says what is wrong with them
  return {
    resolve,
    passthroughOnPinning,
    clientCertificates: await Promise.all(options.clientCert.map(clientCertificate)),
    ...parentProxy(options),
    ...(reverse === undefined ? {} : { reverse }),
    ...(connectTimeout === undefined ? {} : { connectTimeoutMs: connectTimeout }),
    ...(idleTimeout === undefined ? {} : { idleTimeoutMs: idleTimeout }),
  };
}

function parentProxy({ upstreamProxy, upstreamProxyBypass }: UpstreamOptions) {
  if (upstreamProxy === undefined) {
    if (upstreamProxyBypass.length === 0) return {};
    throw new UsageError('--upstream-proxy-bypass needs --upstream-proxy', { hint: 'Name the proxy as well.' });
  }
  if (upstreamProxy !== 'env') {
    parseParentProxy(upstreamProxy);
    return { upstreamProxy, upstreamProxyBypass };
  }
  const url = variable('HTTPS_PROXY') ?? variable('HTTP_PROXY');
  if (url === undefined) {
    throw new UsageError('--upstream-proxy env: neither HTTPS_PROXY nor HTTP_PROXY is set', {
      hint: 'Set one of them, or give the URL of the proxy.',
    });
  }
  parseParentProxy(url);
  const exempt = (variable('NO_PROXY') ?? '').split(/[\s,]+/).filter((host) => host !== '');
  return { upstreamProxy: url, upstreamProxyBypass: [...upstreamProxyBypass, ...exempt] };
}

/** Such variables are written either way; an empty one is as good as none. */
function variable(name: string): string | undefined {
  const value = environment.get(name) ?? environment.get(name.toLowerCase());
  return value === '' ? undefined : value;
}

async function clientCertificate(rule: string): Promise<{ host: string; pem: string }> {
  const at = rule.indexOf('=');
  const [host, file] = [rule.slice(0, at), rule.slice(at + 1)];
  if (at < 1 || file === '') {
    throw new UsageError(`--client-cert: ${JSON.stringify(rule)} is not host=file`, {
      hint: 'Write for example: --client-cert api.example.com=me.pem',
    });
  }
  let pem: string;
  try {
    pem = await readFile(file, 'latin1');
  } catch (error) {
    throw new UsageError(`--client-cert: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (/-----BEGIN CERTIFICATE-----/.test(pem) && /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----/.test(pem)) {
    return { host, pem };
  }
  throw new UsageError(`--client-cert: ${file} does not hold a certificate and its private key`, {
    hint: 'Put both into one PEM file, the key without a passphrase: cat cert.pem key.pem > me.pem',
  });
}
