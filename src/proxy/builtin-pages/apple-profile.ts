import { X509Certificate } from 'node:crypto';
import type { CertificateAuthority } from '../certificate-authority.js';

/**
 * A configuration profile with the authority as a root certificate (Apple's payload `com.apple.security.root`), which
 * iOS offers to install. Its identifiers come of the certificate, so that installing it again replaces it.
 */
export function appleProfile({ certPem, fingerprint256 }: CertificateAuthority): string {
  const digits = fingerprint256.replaceAll(':', '').toLowerCase();
  const base64 = new X509Certificate(certPem).raw.toString('base64');
  const identifier = `proxyctl.ca.${digits.slice(0, 12)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadCertificateFileName</key><string>proxyctl-ca.cer</string>
      <key>PayloadContent</key><data>${base64}</data>
      <key>PayloadDisplayName</key><string>proxyctl CA</string>
      <key>PayloadIdentifier</key><string>${identifier}.root</string>
      <key>PayloadType</key><string>com.apple.security.root</string>
      <key>PayloadUUID</key><string>${uuid(digits.slice(0, 32))}</string>
      <key>PayloadVersion</key><integer>1</integer>
    </dict>
  </array>
  <key>PayloadDescription</key><string>Lets this device trust the certificates that proxyctl makes for tests.</string>
  <key>PayloadDisplayName</key><string>proxyctl CA</string>
  <key>PayloadIdentifier</key><string>${identifier}</string>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadUUID</key><string>${uuid(digits.slice(32))}</string>
  <key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
`;
}

/** 32 hexadecimal digits in the form of a UUID. */
function uuid(digits: string): string {
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5').toUpperCase();
}
