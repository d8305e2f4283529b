import { createHash } from 'node:crypto';
import { header, decodeContent, fromHeaderPairs } from '../http/index.js';
import type { HarEntry } from '../har/har.js';
import { redactionInfo, redactionOptions, Redactor, type RedactionOptions } from '../har/redaction/index.js';
import type { Recording, StoredContent } from '../store/recording.js';

/** A secret that stands in a recording in the clear. */
export interface ScanFinding {
  /** The exchange's number. */
  entry: number;
  method: string;
  url: string;
  /** `request header authorization`, `response json password`. */
  where: string;
  /** Its first characters, and its length. */
  shown: string;
}

/** What the rules of redaction find in a recording. Placeholders that were put there when it was recorded are none. */
export async function scanRecording(recording: Recording, options: RedactionOptions): Promise<ScanFinding[]> {
  const told = redactionInfo.safeParse(recording.info.redaction).data;
  const salt = told?.salt ?? createHash('sha256').update(recording.ref.recordingId).digest('hex').slice(0, 32);
  const findings: ScanFinding[] = [];
  for (const [place, entry] of recording.entries.entries()) {
    const { request, response, _proxyctl, _webSocketMessages: messages = [] } = entry;
    let side = 'request';
    const redactor = new Redactor(
      { formatVersion: 1, salt, ...redactionOptions.parse(options) },
      {
        comeBack: told !== undefined,
        onSecret: ({ where, value }) => {
          const shown = `${value.slice(0, Math.min(4, value.length >> 2))}… (${value.length} characters)`;
          const found = { method: request.method, url: request.url, where: `${side} ${where}`, shown };
          if (findings.some((other) => other.entry === place && other.where === found.where)) return;
          findings.push({ entry: _proxyctl?.index ?? place, ...found });
        },
      },
    );
    redactor.url(request.url);
    redactor.headers(fromHeaderPairs(request.headers));
    await scanBody(recording, request.postData, request.headers, redactor);
    side = 'response';
    redactor.headers(fromHeaderPairs(response.headers));
    await scanBody(recording, response.content, response.headers, redactor);
    for (const { type, opcode, data } of messages) {
      side = type === 'send' ? 'sent message' : 'received message';
      if (opcode === 1) redactor.text(data, 'application/json');
    }
  }
  return findings;
}

async function scanBody(
  recording: Recording,
  content: StoredContent | undefined,
  pairs: HarEntry['request']['headers'],
  redactor: Redactor,
): Promise<void> {
  const headers = fromHeaderPairs(pairs);
  const type = header(headers, 'content-type');
  if (content === undefined || !redactor.reads(type)) return;
  const wire = await recording.body(content);
  redactor.body(decodeContent(wire, header(headers, 'content-encoding')) ?? wire, type);
}
