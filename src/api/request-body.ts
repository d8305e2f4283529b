import { readJson } from './json-text.js';
import { ProxyctlError, UsageError } from '../errors/index.js';

/** More than this no declared body has; what is deeper cannot be handed from process to process. */
const maxDepth = 200;

/**
 * The JSON object in a request's body; undefined for an empty body. Throws `UsageError` for what is no JSON object in
 * UTF-8, with the place, and `PROXYCTL_BODY_TOO_LARGE` past `maxBytes`.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.byteLength === 0) return undefined;
  checkType(request.headers);
  const text = textOf(bytes);
  const { value, fault } = await readJson(text);
  if (fault !== undefined) throw new UsageError(`The body is no JSON: ${fault}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`The body must be a JSON object, not ${kindOf(value)}`);
  if (isDeeper(value, maxDepth)) throw new UsageError(`The body is nested deeper than ${maxDepth} levels`);
  return value as Record<string, unknown>;
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  if (Number(declared ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (declared !== null) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): ProxyctlError {
  const limit = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes} bytes`;
  return new ProxyctlError('PROXYCTL_BODY_TOO_LARGE', `The body of this request may have ${limit} at the most`, {
    data: { maxBytes },
  });
}

/** Without a content type it is taken for JSON. */
function checkType(headers: Headers): void {
  const coding = headers.get('content-encoding') ?? 'identity';
  if (coding.toLowerCase() !== 'identity')
    throw new UsageError(`The body is sent as it is, not with the content coding ${coding}`);
  const given = headers.get('content-type');
  if (given === null) return;
  const [type = '', ...parameters] = given.toLowerCase().split(';');
  const charset = parameters.map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1]);
  const isJson = /^application\/([\w.-]+\+)?json$/.test(type.trim());
  if (isJson && charset.every((name) => name === undefined || /^utf-?8$/.test(name))) return;
  throw new UsageError(`The body must have the content type application/json (in UTF-8), not ${given}`);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError('The body is no JSON: it is not in UTF-8');
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
