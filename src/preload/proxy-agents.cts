import http = require('node:http');
import https = require('node:https');
import net = require('node:net');
import type { Duplex } from 'node:stream';
import proxySettings = require('./proxy-settings.cjs');

type ProxyAddress = NonNullable<ReturnType<typeof proxySettings.proxyFor>>;
type Callback = (error: Error | null, stream?: Duplex) => void;

interface Options extends net.TcpNetConnectOpts {
  socketPath?: string;
}

/** What `http.Agent` does with a request; not in its public types. */
interface AgentInternals {
  addRequest: (this: http.Agent, request: http.ClientRequest, options: Options) => void;
  createConnection: (this: http.Agent, options: object, callback: Callback) => Duplex | undefined;
}

const connectLimitMs = 60_000;

/**
 * Replaces the default agents of `http` and `https` by ones that use the proxy variables. Agents of a program's own
 * stay.
 */
function install(): void {
  const { options } = http.globalAgent as unknown as { options: http.AgentOptions };
  const { options: httpsOptions } = https.globalAgent;
  http.globalAgent = new HttpProxyAgent({ ...options });
  https.globalAgent = new HttpsProxyAgent({ ...httpsOptions });
}

/** Sends `http` requests to the proxy in absolute form (RFC 9112 §3.2.2). */
class HttpProxyAgent extends http.Agent {
  addRequest(request: http.ClientRequest, options: Options): void {
    const proxy = proxyOf('http', options);
    if (proxy !== undefined) toAbsoluteForm(request, options, proxy);
    internals(http.Agent.prototype).addRequest.call(this, request, options);
  }

  override createConnection(options: Options, callback: Callback): Duplex | undefined {
    const proxy = proxyOf('http', options);
    if (proxy === undefined) return internals(http.Agent.prototype).createConnection.call(this, options, callback);
    return net.connect({ host: proxy.host, port: proxy.port });
  }
}

/** Opens a tunnel through the proxy for each `https` connection. */
class HttpsProxyAgent extends https.Agent {
  override createConnection(options: Options, callback: Callback): Duplex | undefined {
    const proxy = proxyOf('https', options);
    const connect = internals(https.Agent.prototype).createConnection;
    if (proxy === undefined) return connect.call(this, options, callback);
    openTunnel(proxy, authorityOf(options, 443), (error, socket) => {
      if (error !== null || socket === undefined) callback(error);
      // The proxy's address must not be taken for the server's: it goes into the pool's key and the checks of the
      // certificate.
      else callback(null, connect.call(this, { ...options, socket, path: undefined }, callback));
    });
    return undefined;
  }
}

function proxyOf(scheme: 'http' | 'https', { host, port, socketPath }: Options): ProxyAddress | undefined {
  if (typeof socketPath === 'string' && socketPath !== '') return undefined;
  return proxySettings.proxyFor(scheme, host ?? 'localhost', Number(port));
}

function toAbsoluteForm(request: http.ClientRequest, options: Options, proxy: ProxyAddress): void {
  const before = request.path;
  if (!before.startsWith('/')) return; // absolute already: the program speaks to a proxy itself
  request.path = `http://${authorityOf(options, 80)}${before}`;
  const internal = request as unknown as { _header: string | null };
  if (internal._header !== null) {
    // Headers given as an array are put together in the constructor, before an agent is asked.
    const credentials = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
    const [line = ''] = internal._header.split('\r\n', 1);
    const rest = internal._header.slice(line.length + 2);
    internal._header = `${line.replace(` ${before} `, () => ` ${request.path} `)}\r\n${credentials}${rest}`;
  } else if (proxy.authorization !== undefined) {
    request.setHeader('Proxy-Authorization', proxy.authorization);
  }
}

function authorityOf({ host, port }: Options, defaultPort: number): string {
  const name = host ?? 'localhost';
  const bracketed = net.isIPv6(name) ? `[${name}]` : name;
  return defaultPort === 80 && Number(port) === 80 ? bracketed : `${bracketed}:${Number(port)}`;
}

function openTunnel(
  proxy: ProxyAddress,
  authority: string,
  callback: (error: Error | null, socket?: net.Socket) => void,
): void {
  const request = http.request({
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    agent: false,
    timeout: connectLimitMs,
    headers: {
      host: authority,
      ...(proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization }),
    },
  });
  request.once('connect', (response: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    socket.setTimeout(0);
    if (response.statusCode !== 200) {
      socket.destroy();
      callback(
        new Error(`The proxy ${proxy.host}:${proxy.port} refused a tunnel to ${authority}: ${response.statusCode}`),
      );
      return;
    }
    if (head.length > 0) socket.unshift(head);
    callback(null, socket);
  });
  request.once('timeout', () => request.destroy(new Error(`The proxy did not answer CONNECT ${authority} in time`)));
  request.once('error', (error) => callback(error));
  request.end();
}

function internals(prototype: object): AgentInternals {
  return prototype as AgentInternals;
}

export = { install };
