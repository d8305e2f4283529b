import type { ComparableRequest } from './comparable-request.js';
import { parseJsonText, type JsonNode } from './text/json-text.js';
import { graphqlOperation } from './text/graphql.js';
import { pairsOf } from './text/urlencoded.js';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY']);

/** First words of operations that ask: the last segment of a path, a gRPC or JSON-RPC method. */
const asking =
  /^(?:get|list|search|find|query|read|fetch|lookup|describe|count|check|validate|verify|exists|preview|estimate|quote|price|calculate|compute|suggest|autocomplete|translate|watch|subscribe|stream|filter|resolve|eth_call|select|aggregate|_search|_msearch|_count|batchget|head|echo|ping)(?![a-z])/;

/**
 * Whether a request only asks: a safe method (RFC 9110 §9.2.1, WebDAV and its kin), a GraphQL query, or a POST whose
 * operation has the name of a question. All else may have changed something.
 */
export function isRead(request: ComparableRequest): boolean {
  if (safeMethods.has(request.method)) return true;
  if (request.method !== 'POST') return false;
  const graphql = graphqlDocument(request);
  if (graphql !== undefined) return graphqlOperation(graphql) !== 'mutation';
  const persisted = persistedOperation(request);
  if (persisted !== undefined) return !soundsLikeDoing(persisted);
  const operation = jsonRpcMethod(request) ?? request.path.split('/').at(-1) ?? '';
  return soundsLikeAsking(operation);
}

/** Whether a request is answered with its own contents, as its name says. */
export function isEcho(request: ComparableRequest): boolean {
  return /^echo(?![a-z])/i.test(request.path.split('/').at(-1) ?? '');
}

/** Whether an operation of this name only asks: `getBook`, `list_items`, `search`. */
export function soundsLikeAsking(operation: string): boolean {
  return asking.test(operation.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase());
}

const analyticsPath =
  /(?:^|[/._-])(?:beacons?|collect|analytics|telemetry|metrics|track|tracking|rum|pixel|heartbeat|clientlogs?|logs?|crash(?:es|report)?|csp-report|stats?|statistics|envelope|intake)(?:$|[/._-])/i;
const analyticsHost =
  /(?:^|\.)(?:analytics|telemetry|metrics|stats|sentry|segment|mixpanel|amplitude|datadoghq|newrelic|nr-data|google-analytics)\b/i;

/** Whether a write only reports what the client does, so that no response depends on it. */
export function isBeacon({ host, path }: ComparableRequest): boolean {
  return analyticsPath.test(path) || analyticsHost.test(host);
}

function graphqlDocument({ query, body, mediaType }: ComparableRequest): string | undefined {
  if (mediaType.essence === 'application/graphql') return body.toString('utf8');
  const inUrl = pairsOf(query).find(({ name }) => name === 'query')?.value;
  if (inUrl !== undefined && graphqlOperation(inUrl) !== undefined) return inUrl;
  const member = jsonMember(body, 'query');
  return member !== undefined && graphqlOperation(member) !== undefined ? member : undefined;
}

/**
 * The name of an operation whose document the server knows already (Apollo's persisted queries send its hash alone).
 */
function persistedOperation({ body }: ComparableRequest): string | undefined {
  return body.includes('"persistedQuery"') ? jsonMember(body, 'operationName') : undefined;
}

const doing =
  /^(?:add|create|insert|new|update|edit|change|set|save|store|put|patch|upsert|delete|remove|clear|reset|cancel|submit|send|post|publish|upload|register|sign|log|place|buy|pay|charge|refund|order|book|reserve|redeem|apply|approve|reject|accept|decline|confirm|invite|join|leave|follow|unfollow|like|unlike|vote|rate|review|comment|report|block|mark|toggle|enable|disable|start|stop|move|copy|import|merge|assign|archive|restore|generate|issue|revoke|refresh|track)(?![a-z])|mutation/;

function soundsLikeDoing(operation: string): boolean {
  return doing.test(operation.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase());
}

function jsonRpcMethod({ body }: ComparableRequest): string | undefined {
  if (jsonMember(body, 'jsonrpc') === undefined) return undefined;
  return jsonMember(body, 'method');
}

/** A member of the JSON object, or of the first one of an array (a batch). Only small bodies are looked into. */
function jsonMember(body: Buffer, name: string): string | undefined {
  if (body.length === 0 || body.length > 256 * 1024 || !body.includes(`"${name}"`)) return undefined;
  let node: JsonNode | undefined = parseJsonText(body.toString('utf8'));
  if (node?.type === 'array') node = node.items[0];
  if (node?.type !== 'object') return undefined;
  const found = node.members.find(({ key }) => key === name)?.value;
  return found?.type === 'string' ? found.value : undefined;
}
