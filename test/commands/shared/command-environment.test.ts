import { expect, test } from 'vitest';
import { applyChanges, environmentChanges } from '../../../src/commands/shared/command-environment.js';

const options = {
  proxyUrl: 'http://127.0.0.1:41234',
  trust: { bundle: '/t/bundle.pem', additions: '/t/additions.pem', javaTrustStore: '/t/bundle.jks' },
  session: 'checkout',
  stack: { url: 'http://127.0.0.1:4600', token: 'secret' },
  nodePreload: '/p/node-env-proxy.cjs',
};

test('proxy variables are set in both cases, and NO_PROXY is emptied', () => {
  const changes = environmentChanges({ NO_PROXY: 'localhost' }, options);
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'wss_proxy', 'ALL_PROXY', 'all_proxy'])
    expect(changes[name]).toBe('http://127.0.0.1:41234');
  expect(changes).toMatchObject({ NO_PROXY: '', no_proxy: '' });
});

test('NO_PROXY stays as it is when it is to be kept', () => {
  const env = applyChanges(
    { NO_PROXY: 'localhost' },
    environmentChanges({ NO_PROXY: 'localhost' }, { ...options, keepNoProxy: true }),
  );
  expect(env).toMatchObject({ NO_PROXY: 'localhost' });
  expect(env).not.toHaveProperty('no_proxy');
  expect(env.JAVA_TOOL_OPTIONS).not.toContain('nonProxyHosts');
});

test('what replaces its own roots by a file gets the whole bundle; Node, which adds, gets the additions', () => {
  const changes = environmentChanges({}, options);
  const names =
    'SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO PIP_CERT CARGO_HTTP_CAINFO AWS_CA_BUNDLE DENO_CERT GRPC_DEFAULT_SSL_ROOTS_FILE_PATH npm_config_cafile';
  for (const name of names.split(' ')) expect(changes[name], name).toBe('/t/bundle.pem');
  expect(changes.NODE_EXTRA_CA_CERTS).toBe('/t/additions.pem');
});

test('CA variables of single tools are changed only where they are set', () => {
  expect(environmentChanges({ NIX_SSL_CERT_FILE: '/nix' }, options).NIX_SSL_CERT_FILE).toBe('/t/bundle.pem');
  expect(environmentChanges({}, options)).not.toHaveProperty('NIX_SSL_CERT_FILE');
});

test('NODE_OPTIONS and JAVA_TOOL_OPTIONS keep what is in them, and ours come behind', () => {
  const changes = environmentChanges({ NODE_OPTIONS: '--no-warnings', JAVA_TOOL_OPTIONS: '-Xmx1g' }, options);
  expect(changes.NODE_OPTIONS).toBe('--no-warnings --require /p/node-env-proxy.cjs');
  expect(changes.JAVA_TOOL_OPTIONS).toBe(
    '-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=41234 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=41234 ' +
      '-Dhttp.nonProxyHosts= -Djavax.net.ssl.trustStore=/t/bundle.jks -Djavax.net.ssl.trustStoreType=JKS ' +
      '-Djavax.net.ssl.trustStorePassword=changeit',
  );
});

test('paths with spaces are quoted as Node and Java want it', () => {
  const changes = environmentChanges(
    {},
    { ...options, nodePreload: '/a b/x.cjs', trust: { ...options.trust, javaTrustStore: '/a b/t.jks' } },
  );
  expect(changes.NODE_OPTIONS).toBe('--require "/a b/x.cjs"');
  expect(changes.JAVA_TOOL_OPTIONS).toContain('"-Djavax.net.ssl.trustStore=/a b/t.jks"');
});

test('the rest of the environment is handed on, save other spellings of npm’s keys', () => {
  const base = { LD_PRELOAD: 'x.so', NPM_CONFIG_PROXY: 'http://other', 'npm_config_https-proxy': 'http://other' };
  const env = applyChanges(base, environmentChanges(base, options));
  expect(env).toMatchObject({ LD_PRELOAD: 'x.so', npm_config_proxy: 'http://127.0.0.1:41234' });
  expect(env).not.toHaveProperty('NPM_CONFIG_PROXY');
  expect(env).not.toHaveProperty('npm_config_https-proxy');
});

test('the session and its stack are named', () => {
  expect(environmentChanges({}, options)).toMatchObject({
    PROXYCTL_SESSION: 'checkout',
    PROXYCTL_URL: 'http://127.0.0.1:4600',
    PROXYCTL_TOKEN: 'secret',
  });
});
