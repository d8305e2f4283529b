import { onTestFinished } from 'vitest';
import { createLogger, type LogEntry } from '../../src/core/logger.js';
import { chain, type Exchange, type Interceptor, type TunnelReport } from '../../src/http/index.js';
import { CertificateAuthority } from '../../src/proxy/certificate-authority.js';
import { MitmEngine, type MitmListenerOptions } from '../../src/proxy/mitm-engine.js';
import type { ProxySession } from '../../src/proxy/proxy-session.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../../src/proxy/upstream/upstream.js';
import { RawConnection } from './raw-connection.js';
import { makeTempFolder } from './temp-folder.js';

export interface TestProxy {
  readonly port: number;
  readonly url: string;
  readonly upstream: Upstream;
  /** Exchanges in the order in which they came. */
  readonly exchanges: Exchange[];
  readonly tunnels: TunnelReport[];
  readonly warnings: { message: string; hint?: string }[];
  /** Log entries of level `warn` and above. */
  readonly troubles: LogEntry[];
  /** Resolves with the next tunnel's report. */
  tunnelEnded(): Promise<TunnelReport>;
  /** A connection to the proxy, through a CONNECT when an authority is given, by TLS when told so. */
  connect(authority?: string, kind?: 'tls' | 'plain'): Promise<RawConnection>;
  close(): Promise<void>;
}

export interface TestProxyOptions {
  upstream?: UpstreamOptions;
  interceptors?: readonly Interceptor[];
  session?: Partial<ProxySession>;
  aliases?: readonly string[];
  admit?: MitmListenerOptions['admit'];
}

let authority: Promise<CertificateAuthority> | undefined;

/** One authority for all tests of a file, as making one takes a moment. Its files are gone once it is loaded. */
export function testAuthority(): Promise<CertificateAuthority> {
  authority ??= (async () => {
    const { path, remove } = await makeTempFolder('ca');
    const opened = await CertificateAuthority.open(path);
    await remove();
    return opened;
  })();
  return authority;
}

/** An engine with one session, whose chain ends at a real upstream. All of it ends with the test. */
export async function startProxy(options: TestProxyOptions = {}): Promise<TestProxy> {
  const troubles: LogEntry[] = [];
  const logger = createLogger('mitm', (entry) => troubles.push(entry), 'warn');
  const ca = await testAuthority();
  const engine = await MitmEngine.start({ ca, logger });
  const upstream = createUpstream(options.upstream);
  const exchanges: Exchange[] = [];
  const tunnels: TunnelReport[] = [];
  const warnings: { message: string; hint?: string }[] = [];
  const waiting: ((report: TunnelReport) => void)[] = [];
  const seen: Interceptor = (exchange, next) => {
    exchanges.push(exchange);
    return next(exchange);
  };
  let next = 0;
  const session: ProxySession = {
    id: 'session-1',
    nextIndex: () => next++,
    handle: chain([seen, ...(options.interceptors ?? [])], upstream.handle),
    interception: () => true,
    mayTunnel: () => true,
    tunnelEnded: (report) => {
      tunnels.push(report);
      for (const resolve of waiting.splice(0)) resolve(report);
    },
    certificateRefused: (host, port) => warnings.push({ message: `refused for ${host}:${port}` }),
    warn: (message, hint) => warnings.push({ message, hint }),
    ...options.session,
  };
  const listener = await engine.open({
    session,
    connect: upstream.connect,
    aliases: options.aliases,
    admit: options.admit,
  });
  const close = async (): Promise<void> => {
    await engine.close();
    await upstream.close();
  };
  onTestFinished(close);
  return {
    port: listener.port,
    url: `http://127.0.0.1:${listener.port}`,
    upstream,
    exchanges,
    tunnels,
    warnings,
    troubles,
    tunnelEnded: () => new Promise((resolve) => waiting.push(resolve)),
    connect: (to, kind = 'plain') => {
      if (to === undefined) return RawConnection.open(listener.port);
      const host = to.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
      const tls = { ca: ca.certPem, host, servername: /^[\d.]+$|:/.test(host) ? '' : host };
      return RawConnection.tunnel(listener.port, to, kind === 'tls' ? tls : undefined);
    },
    close,
  };
}
