import { isIP } from 'node:net';
import { UsageError } from '../errors/index.js';
import { parseAuthority } from '../http/index.js';

/** A host and a port of it. */
interface Address {
  host: string;
  port: number;
}

interface Override {
  host: string;
  /** Undefined: any port. */
  port: number | undefined;
  toHost: string;
  /** Undefined: the port that was asked for. */
  toPort: number | undefined;
}

/** Where connections to a host really go, by our own word instead of the resolver's. */
export class AddressOverrides {
  readonly #overrides: readonly Override[];

  /** Each as `HOST[:PORT]=ADDRESS[:PORT]`. Throws `UsageError` for another shape. */
  constructor(rules: readonly string[]) {
    this.#overrides = rules.map(parseOverride);
  }

  /** The first rule that fits decides; TLS still asks for the name of the request. */
  resolve({ host, port }: Address): Address {
    const found = this.#overrides.find((rule) => rule.host === host && (rule.port ?? port) === port);
    return found === undefined ? { host, port } : { host: found.toHost, port: found.toPort ?? port };
  }
}

function parseOverride(rule: string): Override {
  const [from, to, ...more] = rule.split('=');
  const asked = parseRuleSide(from);
  const real = parseRuleSide(to);
  if (asked === undefined || real === undefined || more.length > 0) {
    throw new UsageError(`--resolve: ${JSON.stringify(rule)} is not HOST[:PORT]=ADDRESS[:PORT]`, {
      hint: 'Write for example: --resolve api.example.com=127.0.0.1:8443',
    });
  }
  return { host: asked.host, port: asked.port, toHost: real.host, toPort: real.port };
}

function parseRuleSide(text: string | undefined): { host: string; port: number | undefined } | undefined {
  if (text === undefined) return undefined;
  if (isIP(text) === 6) return { host: text.toLowerCase(), port: undefined };
  const hasPort = /:\d+$/.test(text);
  const authority = parseAuthority(text, 1);
  return authority && { host: authority.host, port: hasPort ? authority.port : undefined };
}
