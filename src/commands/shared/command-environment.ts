import { trustStorePassword } from '../trust/java-key-store.js';
import type { TrustFiles } from '../trust/trust-files.js';

interface CommandEnvironmentOptions {
  /** `http://127.0.0.1:41234` */
  proxyUrl: string;
  trust: TrustFiles;
  session: string;
  stack: { url: string; token: string };
  /** Leaves `NO_PROXY` (in all spellings) as it is, instead of emptying it. */
  keepNoProxy?: boolean;
  /** The script that makes Node versions without `NODE_USE_ENV_PROXY` use the proxy. */
  nodePreload: string;
}

/**
 * What a CMD gets: `base` with these changes. npm reads its keys in any case, with `-` for `_` too, and the last one
 * wins, so other spellings of ours go.
 */
export function applyChanges(
  base: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): Record<string, string> {
  const npmKeys = new Set(Object.keys(changes).filter((name) => name.startsWith('npm_config_')));
  const kept = Object.entries(base).filter(([name]) => !npmKeys.has(name.toLowerCase().replaceAll('-', '_')));
  return { ...Object.fromEntries(kept), ...changes };
}

/** The variables that make a program use this session: an environment made of `base` must have them so. */
export function environmentChanges(
  base: Readonly<Record<string, string>>,
  options: CommandEnvironmentOptions,
): Record<string, string> {
  const { proxyUrl, trust, session, stack, keepNoProxy = false } = options;
  return {
    ...proxyVariables(proxyUrl),
    ...(keepNoProxy ? {} : noExceptions(proxyUrl, stack.url)),
    ...caVariables(base, trust),
    ...nodeVariables(base, options),
    ...packageManagerVariables(proxyUrl, trust),
    JAVA_TOOL_OPTIONS: javaOptions(base['JAVA_TOOL_OPTIONS'], proxyUrl, trust, keepNoProxy),
    PROXYCTL_SESSION: session,
    PROXYCTL_URL: stack.url,
    PROXYCTL_TOKEN: stack.token,
  };
}

/**
 * `WS` and `WSS`: Python's aiohttp looks for a variable of the URL's own scheme. `GRPC`: gRPC's libraries take it
 * before others.
 */
function proxyVariables(proxyUrl: string): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'WS_PROXY', 'WSS_PROXY', 'GRPC_PROXY', 'ALL_PROXY'];
  return Object.fromEntries(names.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, proxyUrl]));
}

/**
 * Empty, not unset: npm hands its own setting on to scripts, and a missing variable can come back from a profile. A
 * proxy that asks for credentials does not connect to the stack's own ports, so its control API is asked directly.
 */
function noExceptions(proxyUrl: string, stackUrl: string): Record<string, string> {
  const exceptions = new URL(proxyUrl).username === '' ? '' : new URL(stackUrl).host;
  const names = ['NO_PROXY', 'no_proxy', 'no_grpc_proxy', 'npm_config_noproxy'];
  return Object.fromEntries(names.map((name) => [name, exceptions]));
}

/** Each names a PEM file that replaces the program's own roots, so it must be the whole bundle. */
const bundleVariables = [
  'SSL_CERT_FILE', // OpenSSL; Go on Linux and the BSDs; Ruby; Python's ssl and httpx; uv; rustls-native-certs
  'REQUESTS_CA_BUNDLE', // Python requests
  'CURL_CA_BUNDLE', // curl's program; Python requests
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'CARGO_HTTP_CAINFO',
  'AWS_CA_BUNDLE', // AWS CLI, boto3
  'DENO_CERT',
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH', // gRPC's C core and grpc-js
];

/** Likewise, for single tools: only where they are set already, as then they would win over the usual ones. */
const bundleVariablesIfSet = [
  'NIX_SSL_CERT_FILE',
  'HTTPLIB2_CA_CERTS',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
  'BUNDLE_SSL_CA_CERT',
  'HEX_CACERTS_PATH',
  'PERL_LWP_SSL_CA_FILE',
  'WEBSOCKET_CLIENT_CA_BUNDLE',
];

function caVariables(base: Readonly<Record<string, string>>, { bundle }: TrustFiles): Record<string, string> {
  const names = [...bundleVariables, ...bundleVariablesIfSet.filter((name) => (base[name] ?? '') !== '')];
  return Object.fromEntries(names.map((name) => [name, bundle]));
}

/** Node adds `NODE_EXTRA_CA_CERTS` to its own roots, so that the additions are enough (and quicker to read). */
function nodeVariables(
  base: Readonly<Record<string, string>>,
  { trust, nodePreload }: CommandEnvironmentOptions,
): Record<string, string> {
  const nodeOptions = [base['NODE_OPTIONS'], `--require ${quoted(nodePreload)}`].filter(Boolean).join(' ');
  return { NODE_EXTRA_CA_CERTS: trust.additions, NODE_USE_ENV_PROXY: '1', NODE_OPTIONS: nodeOptions };
}

/** NODE_OPTIONS splits at spaces outside double quotes, in which a backslash escapes. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path;
}

/**
 * npm reads its own keys before the usual variables, and yarn (2 and later) its own only. Yarn gets no key for the CA:
 * it has been renamed between versions, each refuses to start over the other's name, and all heed
 * `NODE_EXTRA_CA_CERTS`.
 */
function packageManagerVariables(proxyUrl: string, { bundle }: TrustFiles): Record<string, string> {
  return {
    npm_config_proxy: proxyUrl,
    npm_config_https_proxy: proxyUrl,
    npm_config_cafile: bundle,
    YARN_HTTP_PROXY: proxyUrl,
    YARN_HTTPS_PROXY: proxyUrl,
    CARGO_HTTP_PROXY: proxyUrl,
  };
}

/**
 * Java has no proxy variables; every JVM reads this one (and says so on stderr). An empty `nonProxyHosts` takes away
 * its default, which is loopback. Of an option given twice the last one counts, so ours come behind what is there.
 */
function javaOptions(own: string | undefined, proxyUrl: string, { javaTrustStore }: TrustFiles, keep: boolean): string {
  const { hostname, port, username, password } = new URL(proxyUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = [
    ...['http', 'https'].flatMap((scheme) => [
      `-D${scheme}.proxyHost=${host}`,
      `-D${scheme}.proxyPort=${port}`,
      ...(username === ''
        ? []
        : [
            `-D${scheme}.proxyUser=${decodeURIComponent(username)}`,
            `-D${scheme}.proxyPassword=${decodeURIComponent(password)}`,
          ]),
    ]),
    // Java sends no Basic credentials for a tunnel unless told that it may.
    ...(username === '' ? [] : ['-Djdk.http.auth.tunneling.disabledSchemes=']),
    ...(keep ? [] : ['-Dhttp.nonProxyHosts=']),
    `-Djavax.net.ssl.trustStore=${javaTrustStore}`,
    '-Djavax.net.ssl.trustStoreType=JKS',
    `-Djavax.net.ssl.trustStorePassword=${trustStorePassword}`,
  ].map(javaQuoted);
  return [...(own === undefined || own === '' ? [] : [own]), ...options].join(' ');
}

/** JAVA_TOOL_OPTIONS splits at white space outside quotes; there is no escape character. */
function javaQuoted(option: string): string {
  if (!/[\s"']/.test(option)) return option;
  return option.includes('"') ? `'${option}'` : `"${option}"`;
}
