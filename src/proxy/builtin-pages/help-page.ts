interface Platform {
  name: string;
  /** HTML, one step each. */
  steps: string[];
}

const install = (file: string, label: string): string => `<a href="/proxyctl/${file}">${label}</a>`;

const platforms: Platform[] = [
  {
    name: 'iPhone and iPad',
    steps: [
      `Open this page in Safari and take ${install('ca.mobileconfig', 'the profile')}.`,
      'Settings › General › VPN &amp; Device Management: install “proxyctl CA”.',
      'Settings › General › About › Certificate Trust Settings: switch “proxyctl CA” on. Without this nothing trusts it.',
      'Simulator: <code>xcrun simctl keychain booted add-root-cert proxyctl-ca.pem</code>',
    ],
  },
  {
    name: 'Android',
    steps: [
      `Take ${install('ca.crt', 'the certificate')}.`,
      'Settings › Security › Encryption &amp; credentials › Install a certificate › CA certificate.',
      'Browsers trust it now. Apps for Android 7 and later do where their network security config says so: <code>&lt;certificates src="user" /&gt;</code> in <code>debug-overrides</code>.',
    ],
  },
  {
    name: 'macOS',
    steps: [
      `Take ${install('ca.pem', 'the certificate')}.`,
      '<code>security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db proxyctl-ca.pem</code>',
    ],
  },
  {
    name: 'Windows',
    steps: [
      `Take ${install('ca.cer', 'the certificate')}.`,
      '<code>certutil -user -addstore Root proxyctl-ca.cer</code>',
    ],
  },
  {
    name: 'Linux',
    steps: [
      `Take ${install('ca.crt', 'the certificate')}.`,
      'Debian, Ubuntu, Alpine: copy it to <code>/usr/local/share/ca-certificates/</code> and run <code>update-ca-certificates</code>.',
      'Fedora, RHEL: copy it to <code>/etc/pki/ca-trust/source/anchors/</code> and run <code>update-ca-trust</code>.',
      'Chromium and Chrome look elsewhere: <code>proxyctl ca trust nss</code>, or <code>certutil -d sql:$HOME/.pki/nssdb -A -n "proxyctl CA" -t C,, -i proxyctl-ca.crt</code>',
    ],
  },
  {
    name: 'Firefox',
    steps: [
      `Take ${install('ca.pem', 'the certificate')}.`,
      'Settings › Privacy &amp; Security › Certificates › View Certificates › Authorities › Import: for websites.',
    ],
  },
  {
    name: 'Java',
    steps: [
      `Take ${install('ca.pem', 'the certificate')}.`,
      '<code>proxyctl ca trust java</code>, or <code>keytool -importcert -cacerts -storepass changeit -noprompt -alias proxyctl-ca -file proxyctl-ca.pem</code>',
    ],
  },
];

/**
 * What people see who open the proxy in a browser: what it is, the certificate, and what to do with it on their
 * platform.
 */
export function helpPage(fingerprint256: string): string {
  const sections = platforms.map(
    ({ name, steps }) =>
      `<details><summary>${name}</summary><ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol></details>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>proxyctl</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:2em auto;padding:0 1em}
summary{font-weight:600;padding:.5em 0;cursor:pointer}
code{overflow-wrap:anywhere}
</style>
<h1>proxyctl</h1>
<p>This is an intercepting proxy for tests. Set its address as the HTTP proxy of your device or program, and let that trust
its certificate:</p>
${sections.join('\n')}
<p>To see whether it is trusted, open <a href="https://proxyctl.local/">https://proxyctl.local/</a> through the proxy: this page
comes without a warning.</p>
<p>The certificate’s SHA-256 is<br><code>${fingerprint256}</code></p>
<p>Whoever holds its key can read what your device sends, so take it away when you have no more use for it. The key was made on
the machine that runs the proxy, and never leaves it.</p>
</html>
`;
}
