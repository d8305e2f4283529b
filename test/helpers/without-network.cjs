'use strict';
/*
 * Preloaded where no network namespace can be had: a Node process in which no name resolves and no connection leaves
 * this machine. Each attempt is written to stderr, where a test can see it.
 */
const dns = require('node:dns');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const refuse = (what) => {
  process.stderr.write(`without-network: refused ${what}\n`);
  return Object.assign(new Error(`without-network: ${what}`), { code: 'ENETUNREACH' });
};
const isLocal = (host) => host === undefined || /^(localhost|127(\.\d+){3}|::1|::ffff:127(\.\d+){3})$/i.test(host);

const { lookup } = dns;
dns.lookup = function (hostname, options, callback) {
  if (isLocal(hostname)) return lookup.apply(dns, arguments);
  const error = refuse(`lookup of ${hostname}`);
  process.nextTick(typeof options === 'function' ? options : callback, error);
};
const lookupPromise = dns.promises.lookup;
dns.promises.lookup = async (hostname, ...rest) => {
  if (!isLocal(hostname)) throw refuse(`lookup of ${hostname}`);
  return lookupPromise(hostname, ...rest);
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === 'object' && first !== null ? first.host : args[1];
  if (typeof host === 'string' && net.isIP(host) && !isLocal(host)) {
    this.destroy(refuse(`connection to ${host}`));
    return this;
  }
  return connect.apply(this, args);
};
syncBuiltinESMExports();
