import type { ComparableRequest } from './comparable-request.js';
import { isBeacon } from './request-kind.js';
import { parseJsonText, type JsonNode } from './text/json-text.js';

/** Larger bodies are not looked into. */
const maxBytes = 1024 * 1024;

/**
 * Whether a request only reports what the client did, to be counted: by its host or path (`/collect`, `telemetry.…`),
 * or by what it holds: a list of events with names and times, and what clients tell of themselves.
 */
export function isReport(request: ComparableRequest): boolean {
  return request.method === 'POST' && (isBeacon(request) || holdsEvents(request.body));
}

function holdsEvents(body: Buffer): boolean {
  if (body.length === 0 || body.length > maxBytes || !/^\s*[{[]/.test(body.toString('latin1', 0, 64))) return false;
  const root = parseJsonText(body.toString('utf8'));
  if (root === undefined) return false;
  const names = new Set<string>();
  let isList = false;
  const visit = (node: JsonNode): void => {
    if (node.type === 'array') {
      isList ||= node.items.length > 0 && node.items.every(isEvent);
      for (const item of node.items) visit(item);
    } else if (node.type === 'object') {
      for (const { key, value } of node.members) {
        names.add(plain(key));
        visit(value);
      }
    }
  };
  visit(root);
  return isList && [...names].filter((name) => ofClient.test(name)).length >= minMarks;
}

/** Something that happened: what, and when. */
function isEvent(node: JsonNode): boolean {
  if (node.type !== 'object') return false;
  const names = node.members.map(({ key }) => plain(key));
  return names.some((name) => whatNames.test(name)) && names.some((name) => whenNames.test(name));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

const whatNames = /^(?:event|eventname|eventtype|name|type|action|level|severity|msg|message|metric)$/;
const whenNames =
  /^(?:ts|t|time|timestamp|at|when|(?:event|client|device|local|occurred|sent|created|start|origin)(?:ts|time|timestamp|at|timems))(?:ms|utc)?$/;
/** What clients tell of themselves, and no order, payment or message does. */
const ofClient =
  /^(?:device|devicemodel|deviceid|os|osversion|platform|sdk|sdkversion|battery|batterylevel|freemem\w*|freedisk\w*|memory\w*|cpu\w*|fps|uptime\w*|foreground|session|sessionid|seq|sequence|screen|screenname|screensize|useragent|network|networktype|carrier|net|rtt|downlink|locale|adid|idfa|gaid|installid|anonymousid|appversion|appbuild|coldstart\w*|perf|sentat|batchid|eventid|insertid|viewport|referrer|pageview\w*)$/;
const minMarks = 4;

/** The longest answer that may only say that a report has come. */
const maxAcknowledgement = 256;

/**
 * Whether recorded responses to reports only say that they have come: nothing at all, or all the same. The one response
 * to a single report has to be without a number, which could be of what it held.
 */
export function onlyAcknowledge(answers: readonly { status: number; data: Buffer }[]): boolean {
  const [first] = answers;
  if (first === undefined || answers.some(({ status }) => status < 200 || status >= 300)) return false;
  if (answers.every(({ data }) => data.length === 0)) return true;
  if (first.data.length > maxAcknowledgement || answers.some(({ data }) => !data.equals(first.data))) return false;
  return answers.length > 1 || !/\d/.test(first.data.toString('latin1'));
}
