import { UsageError } from '../errors/index.js';
import { parseAuthority } from '../http/index.js';

/** The backend of a session that clients use by its own address instead of as a proxy. */
export interface ReverseTarget {
  scheme: 'http' | 'https';
  host: string;
  port: number;
}

const defaultPorts = { http: 80, https: 443 } as const;

/**
 * `https://api.example.com`, `http://localhost:8080`, or a bare host, which means https. Throws `UsageError` for
 * anything else.
 */
export function parseReverseTarget(text: string): ReverseTarget {
  const match = /^(?:(https?):\/\/)?([^/?#]+)\/?$/i.exec(text);
  const scheme = (match?.[1] ?? 'https').toLowerCase() as 'http' | 'https';
  const authority = parseAuthority(match?.[2] ?? '', defaultPorts[scheme]);
  if (authority !== undefined) return { scheme, ...authority };
  throw new UsageError(`--reverse: ${JSON.stringify(text)} is not the origin of a backend`, {
    hint: 'Write https://api.example.com or http://localhost:8080: no path, no credentials.',
  });
}
