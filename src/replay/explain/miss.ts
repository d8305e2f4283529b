import {
  Body,
  grpcError,
  grpcStatus,
  isGrpc,
  urlOf,
  type Exchange,
  type HttpRequest,
  type HttpResponse,
} from '../../http/index.js';
import type { Difference } from '../request/field.js';
import { isIn } from '../request/field-path.js';
import type { MissReport } from './miss-report.js';

export type { MissReport };

/** Of more differences than this, the rest is counted. */
const maxDifferences = 20;

export interface Missed {
  /** The exchange's index in its session. */
  index: number;
  method: string;
  url: string;
}

/** The recorded request that comes nearest to a miss. */
export interface Nearest {
  position: number;
  method: string;
  url: string;
  differences: readonly Difference[];
}

/** A request that no recorded one equals. `nearest` is left out when the recording has no exchange at all. */
export function missReport(incoming: Missed, nearest: Nearest | undefined): MissReport {
  if (nearest === undefined) return { ...incoming, reason: 'the recording has no requests' };
  const { position, method, url, differences } = nearest;
  return {
    ...incoming,
    reason: reasonOf(differences),
    nearest: { index: position, method, url, differences: shortened(differences) },
  };
}

/** A request that was recorded, but fewer times than it is asked. */
export function exhaustedReport(
  incoming: Missed,
  position: number,
  { method, url }: { method: string; url: string },
  times: number,
): MissReport {
  return {
    ...incoming,
    reason: `recorded ${times === 1 ? 'once' : `${times} times`}, and asked once more`,
    nearest: { index: position, method, url, differences: [] },
  };
}

/** A part of a recorded response was never sent, as the request that it followed upon was not made: `cause`. */
export function causeReport(
  { index, request }: Pick<Exchange, 'index' | 'request'>,
  { method, url }: { method: string; url: string },
  position: number,
  cause: { method: string; url: string },
): MissReport {
  return {
    ...{ index, method: request.method, url: urlOf(request) },
    reason: `a message of the server waited for ${cause.method} ${cause.url}, which was not requested`,
    nearest: { index: position, method, url, differences: [] },
  };
}

function reasonOf(differences: readonly Difference[]): string {
  const places = differences.map(({ where }) => where);
  if (differences.some((difference) => isIn('host', difference))) return 'no recorded request to this host';
  if (places.includes('path')) return 'no recorded request to this path';
  const shown = places.slice(0, 5).join(', ');
  return `differs from the nearest recorded request in ${shown}${places.length > 5 ? ` and ${places.length - 5} more` : ''}`;
}

function shortened(differences: readonly Difference[]): Difference[] {
  if (differences.length <= maxDifferences) return [...differences];
  const rest = differences.length - maxDifferences;
  return [...differences.slice(0, maxDifferences), { where: `and ${rest} more` }];
}

/**
 * What the client gets for a miss: JSON with the report, and a header that says so to whoever reads no bodies. A gRPC
 * call ends with `INTERNAL`, which clients neither try again nor take for a word of the application.
 */
export function missResponse(
  report: MissReport,
  status: number,
  { httpVersion, headers }: Pick<HttpRequest, 'httpVersion' | 'headers'>,
): HttpResponse {
  const code = 'PROXYCTL_REPLAY_MISS';
  if (isGrpc(headers))
    return grpcError(grpcStatus.internal, `${code}: ${missMessage(report)}`, ['x-proxyctl-error', code]);
  const body = Body.of(
    `${JSON.stringify({ error: { code, message: missMessage(report), nearest: report.nearest } }, undefined, 2)}\n`,
  );
  return {
    status,
    reason: 'Not Recorded',
    httpVersion,
    headers: [
      ...['Content-Type', 'application/json; charset=utf-8'],
      ...['Content-Length', String(body.length)],
      ...['X-Proxyctl-Error', code],
      ...['Cache-Control', 'no-store'],
    ],
    body,
  };
}

export function missMessage({ method, url, reason, nearest }: MissReport): string {
  const hint = nearest === undefined ? '' : `; nearest is #${nearest.index} ${nearest.method} ${nearest.url}`;
  return `${method} ${url} is not in the recording: ${reason}${hint}`;
}
