import type { Duplex } from 'node:stream';
import { parseAuthority } from '../http/index.js';
import { hostMatcher, type HostMatcher } from '../core/host-pattern.js';

/** Where connections to some hosts go on: a port on loopback that leads back to another listener of the session. */
interface HostRoute {
  pattern: string;
  port: number;
}

/** The host routes that a listener's connections may have to take, by their host. The first that fits is theirs. */
export class HostRoutes {
  #routes: (HostRoute & { matches: HostMatcher })[] = [];
  readonly #isOne: boolean;

  /** `isOne`: the listener is at the end of a host route itself. */
  constructor({ isOne }: { isOne: boolean }) {
    this.#isOne = isOne;
  }

  get active(): boolean {
    return this.#routes.length > 0;
  }

  /** Whether the requests of one plain connection may take different host routes, so that it must end with each. */
  get divides(): boolean {
    return this.#isOne || this.active;
  }

  set(routes: readonly HostRoute[]): void {
    this.#routes = routes.map((route) => ({ ...route, matches: hostMatcher([route.pattern]) }));
  }

  find({ host, port }: Target): HostRoute | undefined {
    return this.#routes.find(({ matches }) => matches(host, port));
  }
}

export interface Target {
  host: string;
  port: number;
}

/** A request line is far below this. */
const longestLineBytes = 64 * 1024;
/** A client that has not said its first line by then is left to the HTTP server, which has limits of its own, ms. */
const limitMs = 300_000;

/**
 * Reads a connection's first line and puts it back. Resolves with the host that it names: by CONNECT, or by a whole
 * URL; with `ownTarget` where it names a path alone, which a listener that stands for a backend takes; `undefined`
 * where it names none.
 */
export function firstTarget(stream: Duplex, ownTarget: Target | undefined): Promise<Target | undefined> {
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0);
    const finish = (target: Target | undefined): void => {
      clearTimeout(timer);
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      stream.pause();
      if (seen.length > 0 && !stream.destroyed) stream.unshift(seen);
      resolve(target);
    };
    const onEnd = (): void => finish(undefined);
    const onData = (chunk: Buffer): void => {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\n');
      if (end >= 0) finish(targetOf(seen.toString('latin1', 0, end), ownTarget));
      else if (seen.length > longestLineBytes || !/^[A-Z]/.test(seen.toString('latin1', 0, 1))) finish(undefined);
    };
    const timer = setTimeout(onEnd, limitMs);
    timer.unref();
    stream.on('data', onData).once('end', onEnd).once('close', onEnd).once('error', onEnd);
  });
}

function targetOf(line: string, ownTarget: Target | undefined): Target | undefined {
  const [method, target = ''] = line.split(' ');
  if (method === 'CONNECT') return parseAuthority(target, 443);
  const url = /^(https?):\/\/([^/?#]+)/i.exec(target);
  if (url !== null)
    return parseAuthority(url[2]?.replace(/^.*@/, '') ?? '', url[1]?.toLowerCase() === 'https' ? 443 : 80);
  return target.startsWith('/') || target === '*' ? ownTarget : undefined;
}
