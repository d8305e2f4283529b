import { randomBytes } from 'node:crypto';
import type { Har, HarContent, HarEntry, HarNameValue, HarPostData } from '../har.js';
import { createRedactor } from './create-redactor.js';
import { redactionOptions, type RedactionOptions } from './redaction-info.js';
import type { Redactor } from './redactor.js';

/** A redactor whose placeholders are told nowhere else; undefined where nothing is to be replaced. */
export function oneTimeRedactor(options: RedactionOptions | false | undefined): Redactor | undefined {
  if (options === false) return undefined;
  const salt = randomBytes(16).toString('hex');
  return createRedactor({ formatVersion: 2, salt, ...redactionOptions.parse(options ?? {}) });
}

/**
 * A HAR without its secrets, for those who may read reports but no tokens. As with recordings, a secret that is found
 * in one entry is replaced in all of them.
 */
export function redactHar(har: Har, redactor: Redactor): Har {
  har.log.entries.forEach((entry) => redactEntry(entry, redactor)); // what the last one tells is a secret in the first
  return { ...har, log: { ...har.log, entries: har.log.entries.map((entry) => redactEntry(entry, redactor)) } };
}

function redactEntry(entry: HarEntry, redactor: Redactor): HarEntry {
  const { request, response, _webSocketMessages: messages } = entry;
  const shared = (part: Pick<HarEntry['request'], 'headers' | 'cookies'>, cookieHeader: string) => ({
    headers: part.headers.map((header) => redactHeader(header, redactor)),
    cookies: part.cookies.map((cookie) => redactCookie(cookie, cookieHeader, redactor)),
  });
  return {
    ...entry,
    request: {
      ...request,
      ...shared(request, 'cookie'),
      url: redactor.url(request.url),
      queryString: request.queryString.map((pair) => redactParameter(pair, redactor)),
      ...(request.postData === undefined ? {} : { postData: redactPostData(request.postData, redactor) }),
    },
    response: {
      ...response,
      ...shared(response, 'set-cookie'),
      content: redactBody(response.content, redactor),
      redirectURL: redactor.url(response.redirectURL),
    },
    ...(messages === undefined
      ? {}
      : {
          _webSocketMessages: messages.map((message) =>
            message.opcode === 1 ? { ...message, data: redactor.text(message.data, 'application/json') } : message,
          ),
        }),
  };
}

function redactHeader<T extends HarNameValue>(header: T, redactor: Redactor): T {
  const [, value = ''] = redactor.headers([header.name, header.value]);
  return { ...header, value };
}

function redactCookie<T extends HarNameValue>(cookie: T, header: string, redactor: Redactor): T {
  const [, pair = ''] = redactor.headers([header, `${cookie.name}=${cookie.value}`]);
  return { ...cookie, value: pair.slice(cookie.name.length + 1) };
}

function redactParameter<T extends HarNameValue>(parameter: T, redactor: Redactor): T {
  const before = new URLSearchParams([[parameter.name, parameter.value]]).toString();
  const [[name, value] = [parameter.name, parameter.value]] = new URLSearchParams(redactor.url(`?${before}`).slice(1));
  return { ...parameter, name, value };
}

function redactPostData(body: HarPostData, redactor: Redactor): HarPostData {
  const { params } = body;
  return {
    ...redactBody(body, redactor),
    ...(params === undefined ? {} : { params: params.map((pair) => redactParameter(pair, redactor)) }),
  };
}

function redactBody<T extends HarContent | HarPostData>(body: T, redactor: Redactor): T {
  const { text, encoding, mimeType } = body;
  if (text === undefined) return body;
  const redacted = redactor.body(Buffer.from(text, encoding ?? 'utf8'), mimeType === '' ? undefined : mimeType);
  return redacted === undefined ? body : { ...body, text: redacted.toString(encoding ?? 'utf8') };
}
