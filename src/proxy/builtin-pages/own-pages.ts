import { X509Certificate } from 'node:crypto';
import { Body, type HttpResponse } from '../../http/index.js';
import { ProxyctlError } from '../../errors/index.js';
import type { CertificateAuthority } from '../certificate-authority.js';
import { errorResponse } from '../error-response.js';
import { appleProfile } from './apple-profile.js';
import { helpPage } from './help-page.js';

/** A host name that only the proxy answers, for devices that have it as their proxy already. */
export const ownHost = 'proxyctl.local';

interface CertificateFile {
  type: string;
  content: (ca: CertificateAuthority) => string | Buffer;
}

const pem: CertificateFile = { type: 'application/x-x509-ca-cert', content: ({ certPem }) => certPem };
const der: CertificateFile = {
  type: 'application/x-x509-ca-cert',
  content: ({ certPem }) => new X509Certificate(certPem).raw,
};

/** The certificate by the end of its path: as PEM, as DER (Windows, macOS), and as a profile (iOS). */
const files = new Map<string, CertificateFile>([
  ['ca.pem', pem],
  ['ca.crt', pem],
  ['ca.cer', der],
  ['ca.mobileconfig', { type: 'application/x-apple-aspen-config', content: appleProfile }],
]);

/** Whether this is one of the paths that no backend is likely to have. */
export function isCertificatePath(target: string): boolean {
  return target === '/proxyctl' || (target.startsWith('/proxyctl/') && files.has(target.slice('/proxyctl/'.length)));
}

/** What the proxy answers when it is asked for something itself: its certificate, and how to use it. */
export function ownPage(method: string, target: string, ca: CertificateAuthority): HttpResponse {
  const path = target.split('?', 1)[0] ?? '/';
  if (method !== 'GET' && method !== 'HEAD') return notHere(method, path);
  const name = path.replace(/^\/(?:proxyctl\/)?/, '');
  const file = files.get(name);
  if (file !== undefined)
    return page(file.type, file.content(ca), ['Content-Disposition', `attachment; filename="proxyctl-${name}"`]);
  if (path === '/' || path === '/proxyctl')
    return page('text/html; charset=utf-8', helpPage(ca.fingerprint256), [
      ...['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
    ]);
  return notHere(method, path);
}

function page(type: string, content: string | Buffer, more: string[]): HttpResponse {
  const body = Body.of(content);
  const headers = ['Content-Type', type, 'Content-Length', String(body.length), 'Cache-Control', 'no-store', ...more];
  return { status: 200, reason: 'OK', httpVersion: 'HTTP/1.1', headers, body };
}

function notHere(method: string, path: string): HttpResponse {
  return errorResponse(
    new ProxyctlError('PROXYCTL_BAD_REQUEST', `This is a proxy; it has no ${method} ${path} of its own`, {
      hint: `Set this address as the HTTP proxy of your client. The certificate to trust is at http://${ownHost}/ca.pem.`,
    }),
  );
}
