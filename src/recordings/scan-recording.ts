import { createHash } from 'node:crypto';
import { z } from 'zod';
import { header, decodeContent, fromHeaderPairs, type StoredBody } from '../http/index.js';
import type { HarEntry, HarNameValue, HarRecordingInfo } from '../har/har.js';
import { argumentCount } from '../har/recording-info.js';
import {
  redactionInfo,
  redactionOptions,
  createRedactor,
  type FoundSecret,
  type Redactor,
  type RedactionOptions,
} from '../har/redaction/index.js';
import type { Recording } from '../store/recording.js';

/** A secret that stands in a recording in the clear. */
export interface ScanFinding {
  /** The exchange's number; left out of what the recording says of itself. */
  entry?: number;
  method?: string;
  url?: string;
  /** `request header authorization`, `response json password`, `recording command`. */
  where: string;
  /** Its first characters, and its length; nothing of what may be a secret. */
  shown: string;
}

/**
 * What the rules of redaction find in a recording, and arguments of the command that was recorded: nobody can tell
 * which of those are secrets. Placeholders that were put there when it was recorded are none.
 */
export async function scanRecording(recording: Recording, options: RedactionOptions): Promise<ScanFinding[]> {
  const { info, entries, ref } = recording;
  const told = redactionInfo.safeParse(info.redaction).data;
  const salt = told?.salt ?? createHash('sha256').update(ref.recordingId).digest('hex').slice(0, 32);
  const rules = { ...redactionOptions.parse(options), ...(told?.short === undefined ? {} : { short: told.short }) };
  const redactorOf = (onSecret: (found: FoundSecret) => void): Redactor =>
    createRedactor({ formatVersion: 2, salt, ...rules }, { comeBack: told !== undefined, onSecret });
  const findings = scanInfo(info, redactorOf);
  for (const [place, entry] of entries.entries()) {
    const { request, _proxyctl } = entry;
    const about = { entry: _proxyctl?.index ?? place, method: request.method, url: request.url };
    const found = new Map<string, ScanFinding>();
    await scanEntry(recording, entry, (side) =>
      redactorOf(({ where, value }) => {
        const name = `${side} ${where}`;
        if (!found.has(name)) found.set(name, { ...about, where: name, shown: shownOf(value) });
      }),
    );
    findings.push(...found.values());
  }
  return findings;
}

type RedactorOf = (onSecret: (found: FoundSecret) => void) => Redactor;

/** What stands before the exchanges: the command, and values that rules were learned from. */
function scanInfo(info: HarRecordingInfo, redactorOf: RedactorOf): ScanFinding[] {
  const words = argumentCount(info);
  const command = words === 0 ? [] : [{ where: 'recording command', shown: `${words} of its words` }];
  const found = new Map<string, ScanFinding>();
  const redactor = redactorOf(({ where, value }) =>
    found.set(where, { where: `recording ${where}`, shown: shownOf(value) }),
  );
  const { redaction: _redaction, command: _command, ...others } = info;
  redactor.text(JSON.stringify(others), 'application/json');
  for (const { where, learned } of learnedRules.safeParse(info.rules).data ?? []) {
    const [, kind, name = ''] = /^(\w+).*?([\w-]+)\W*$/.exec(where) ?? [];
    for (const value of learned?.seen ?? []) {
      if (kind === 'header') redactor.headers([name, value]);
      else redactor.query(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    }
  }
  return [...command, ...found.values()];
}

const learnedRules = z.array(
  z.looseObject({ where: z.string().default(''), learned: z.looseObject({ seen: z.array(z.string()) }).optional() }),
);

/** All that an exchange holds. `on` gives what looks at the parts of one side. */
async function scanEntry(recording: Recording, entry: HarEntry, on: (side: string) => Redactor): Promise<void> {
  const { request, response, _proxyctl: own = undefined, _webSocketMessages: messages = [], ...others } = entry;
  const { requestTrailers = [], responseTrailers = [], informational = [], ...facts } = own ?? {};
  const sent = on('request');
  const { url: _url, headers: sentHeaders, queryString, cookies: sentCookies, postData, ...sentOthers } = request;
  sent.url(request.url);
  sent.headers(fromHeaderPairs([...sentHeaders, ...requestTrailers]));
  await scanBody(recording, postData, sentHeaders, sent);
  const got = on('response');
  const { headers: gotHeaders, cookies: gotCookies, content, redirectURL, ...gotOthers } = response;
  got.headers(
    fromHeaderPairs([...gotHeaders, ...responseTrailers, ...informational.flatMap(({ headers }) => headers)]),
  );
  await scanBody(recording, content, gotHeaders, got);
  got.url(redirectURL);
  if (own === undefined) {
    // In HARs of ours these say once more what the URL, headers and body do.
    scanPairs([...queryString, ...(postData?.params ?? [])], sent);
    sent.headers(sentCookies.flatMap(({ name, value }) => ['cookie', `${name}=${value}`]));
    got.headers(gotCookies.flatMap(({ name, value }) => ['set-cookie', `${name}=${value}`]));
  }
  scanOthers(sentOthers, sent);
  scanOthers(gotOthers, got);
  scanOthers({ ...others, facts }, on('exchange'));
  for (const { type, opcode, data } of messages) {
    const redactor = on(type === 'send' ? 'sent message' : 'received message');
    if (opcode === 1) redactor.text(data, 'application/json');
    else redactor.body(Buffer.from(data, 'base64'), 'application/octet-stream');
  }
}

function scanPairs(pairs: readonly HarNameValue[], redactor: Redactor): void {
  for (const { name, value } of pairs) redactor.query(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
}

/** What has no form of its own: messages of failures, comments, members that other tools add. */
function scanOthers(value: object, redactor: Redactor): void {
  redactor.text(JSON.stringify(value), 'application/json');
}

function shownOf(value: string): string {
  return `${value.slice(0, Math.min(4, value.length >> 2))}… (${value.length} characters)`;
}

async function scanBody(
  recording: Recording,
  content: StoredBody | undefined,
  pairs: HarEntry['request']['headers'],
  redactor: Redactor,
): Promise<void> {
  const headers = fromHeaderPairs(pairs);
  const type = header(headers, 'content-type');
  if (content === undefined || !redactor.reads(type)) return;
  const wire = await recording.body(content);
  const plain = decodeContent(wire, header(headers, 'content-encoding')) ?? wire;
  redactor.body(plain, type, header(headers, 'grpc-encoding'));
}
