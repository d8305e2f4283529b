'use strict';
/*
 * Preloaded with `NODE_OPTIONS=--require …/loopback-names.cjs`: resolves every name below `.test` (RFC 6761: reserved
 * for tests, never in the DNS) to 127.0.0.1, so that a proxy under test has hosts to reach that are not called
 * `localhost`, without a line in the hosts file. Clients need no such help: they give the name to the proxy.
 */
const dns = require('node:dns');
const { syncBuiltinESMExports } = require('node:module');

const isTestName = (name) => typeof name === 'string' && /\.test\.?$/i.test(name);
const answer = (options) =>
  options?.all ? [{ address: '127.0.0.1', family: 4 }] : { address: '127.0.0.1', family: 4 };

const { lookup } = dns;
const { lookup: lookupPromise } = dns.promises;

dns.lookup = function (hostname, options, callback) {
  if (!isTestName(hostname)) return lookup.apply(dns, arguments);
  const done = typeof options === 'function' ? options : callback;
  const found = answer(typeof options === 'object' ? options : undefined);
  process.nextTick(() => (Array.isArray(found) ? done(null, found) : done(null, found.address, found.family)));
};
dns.promises.lookup = async (hostname, options) =>
  isTestName(hostname) ? answer(typeof options === 'object' ? options : undefined) : lookupPromise(hostname, options);
syncBuiltinESMExports();
