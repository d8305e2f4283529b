'use strict';
/*
 * The unmodified http-mitm-proxy with keep-alive. argv: folder for its CA. Says its port on stdout as JSON, and ends
 * when its stdin does. What it prints itself is dropped: a print for each error would be measured with it.
 */
const { Proxy } = require('http-mitm-proxy');

const say = console.log.bind(console);
for (const name of ['debug', 'info', 'log', 'error']) console[name] = () => {};

const proxy = new Proxy();
proxy.onError(() => {});
proxy.listen({ host: '127.0.0.1', port: 0, sslCaDir: process.argv[2], keepAlive: true }, (error) => {
  if (error) throw error;
  say(JSON.stringify({ port: proxy.httpPort }));
});
process.stdin.resume().on('end', () => process.exit(0));
