import { Body, type HttpResponse } from '../http/index.js';
import { ProxyctlError } from '../errors/index.js';
import type { CertificateAuthority } from './certificate-authority.js';
import { errorResponse } from './error-response.js';

/** A host name that only the proxy answers, for devices that have it as their proxy already. */
export const ownHost = 'proxyctl.local';

const certificatePaths = new Set(['/ca.pem', '/proxyctl/ca.pem']);

/** The certificate's path that no backend is likely to have. */
export function isCertificatePath(target: string): boolean {
  return target === '/proxyctl/ca.pem';
}

/** What the proxy answers when it is asked for something itself: its certificate, and how to use it. */
export function ownPage(method: string, target: string, ca: CertificateAuthority): HttpResponse {
  const path = target.split('?', 1)[0] ?? '/';
  if (method !== 'GET' && method !== 'HEAD') return notHere(method, path);
  if (certificatePaths.has(path))
    return page('application/x-x509-ca-cert', ca.certPem, [
      'Content-Disposition',
      'attachment; filename="proxyctl-ca.pem"',
    ]);
  if (path === '/' || path === '/proxyctl') return page('text/html; charset=utf-8', help(ca));
  return notHere(method, path);
}

function page(type: string, text: string, more: string[] = []): HttpResponse {
  const body = Body.of(text);
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

function help(ca: CertificateAuthority): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>proxyctl</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:2em auto;padding:0 1em}code{word-break:break-all}</style>
<h1>proxyctl</h1>
<p>This is an intercepting proxy. Set this address as the HTTP proxy of your client, and let it trust this certificate:</p>
<p><a href="/proxyctl/ca.pem">Download the CA certificate</a></p>
<p>SHA-256 <code>${ca.fingerprint256}</code></p>
</html>
`;
}
