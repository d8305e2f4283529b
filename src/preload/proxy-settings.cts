interface ProxyAddress {
  host: string;
  port: number;
  /** Value of `Proxy-Authorization`, where the proxy's URL has credentials. */
  authorization?: string;
}

/**
 * The proxy for requests to this host and port by the usual variables, the lower-case name first, as curl does.
 * Undefined when there is none, `NO_PROXY` excepts the host, or the request goes to the proxy itself (a program that
 * heeds the variables on its own, like axios).
 */
function proxyFor(scheme: 'http' | 'https', host: string, port: number): ProxyAddress | undefined {
  const text = variable(`${scheme}_proxy`) ?? variable('all_proxy');
  if (text === undefined || isExcepted(host.toLowerCase(), port, variable('no_proxy') ?? '')) return undefined;
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `http://${text}`);
  } catch {
    return undefined;
  }
  const proxy = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port === '' ? 80 : url.port) };
  if (proxy.host === host && proxy.port === port) return undefined;
  if (url.username === '') return proxy;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { ...proxy, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function variable(name: string): string | undefined {
  return [process.env[name], process.env[name.toUpperCase()]].find((value) => value !== undefined && value !== '');
}

/**
 * `*`, `host`, `.domain`, `*.domain`, each perhaps with `:port`, between commas or spaces. A plain name covers its
 * subdomains too.
 */
function isExcepted(host: string, port: number, noProxy: string): boolean {
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', entryPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      if (entryPort !== undefined && Number(entryPort) !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

export = { proxyFor };
