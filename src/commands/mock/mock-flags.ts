import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { z } from 'zod';
import { checkValue, messageOf, UsageError } from '../../errors/index.js';
import { mockRequest, predicateSchema, type MockInput, type Predicate } from '../../overrides/index.js';
import { millisecondsWithin } from '../../core/quantities.js';
import { text, wholeNumber } from '../shared/values.js';

/** Which requests are meant. */
export const predicateOptions = {
  on: text.optional().meta({ description: 'Requests to this host (* matches any text)', placeholder: 'host' }),
  path: text
    .optional()
    .meta({ description: 'Requests for this path, without its query (* matches any text)', placeholder: 'path' }),
  method: text.optional().meta({ description: 'Requests of this method', placeholder: 'method' }),
  param: z
    .array(text)
    .default([])
    .meta({ description: 'With this parameter in query or form; name=* for any value', placeholder: 'name=value' }),
  jsonParam: z
    .array(text)
    .default([])
    .meta({ description: 'With this value in their JSON', placeholder: 'jsonpath=value' }),
};

/** What a mock can be made of on the command line; a file has room for the rest. */
export const mockOptions = {
  ...predicateOptions,
  index: wholeNumber(0, 1_000_000, 'n')
    .optional()
    .meta({ description: 'Only the request of this number among those that fit, from 0' }),
  status: wholeNumber(200, 599, 'status')
    .optional()
    .meta({ description: 'Change the status of the answer; add --text or --body to answer without the backend' }),
  text: z
    .string()
    .optional()
    .meta({ description: 'Answer with this text; the backend is not asked', placeholder: 'text' }),
  body: text.optional().meta({ description: 'Answer with this JSON; the backend is not asked', placeholder: 'json' }),
  base64: text.optional().meta({
    description: 'Answer with these bytes; for a call of gRPC its message. The backend is not asked',
    placeholder: 'base64',
  }),
  grpcStatus: wholeNumber(0, 16, 'code')
    .optional()
    .meta({ description: 'End a call of gRPC or gRPC-Web with this status; the backend is not asked' }),
  grpcMessage: text.optional().meta({ description: 'The words of that status', placeholder: 'text' }),
  modify: z.array(text).default([]).meta({
    description: 'Change these values in the JSON of the backend’s answer, and nothing else',
    placeholder: 'jsonpath=value',
  }),
  header: z.array(text).default([]).meta({ description: 'Set this header of the answer', placeholder: 'name: value' }),
  delay: millisecondsWithin({ max: 3_600_000 }).optional().meta({ description: 'Answer so much later' }),
};
type OwnBody = NonNullable<NonNullable<MockInput['response']>['response']>;
type MockFlags = z.output<z.ZodObject<typeof mockOptions>>;

/** The mocks of a JSON file (`-`: standard input): one, or a list. Throws `UsageError`. */
export async function mocksFrom(file: string, stdin: NodeJS.ReadableStream): Promise<MockInput[]> {
  let value: unknown;
  try {
    value = JSON.parse(file === '-' ? await readStream(stdin) : await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${messageOf(error)}`, { cause: error });
  }
  const checked = checkValue(z.array(mockRequest), [value].flat());
  if (checked.fault !== undefined)
    throw new UsageError(`${file}: ${checked.fault}`, {
      hint: 'For example: {"predicate": {"command": "/cart"}, "response": {"modify": {"$.total": 0}}}',
    });
  return checked.data;
}

/** Which requests these flags mean. Throws `UsageError`. */
export function predicateOf(flags: z.output<z.ZodObject<typeof predicateOptions>>): Predicate {
  const { on, path, method } = flags;
  const params = pairs('--param', flags.param, (value) => (value === '*' ? { $any: true as const } : value));
  const predicate = {
    ...given({ host: on, command: path, method }),
    ...filled({ params, json_params: pairs('--json-param', flags.jsonParam, jsonValue) }),
  };
  const checked = checkValue(predicateSchema, predicate);
  if (checked.fault !== undefined) throw new UsageError(checked.fault);
  return checked.data;
}

/** The mock that these flags describe. Throws `UsageError`. */
export function mockOf(flags: MockFlags): MockInput {
  const { index, status, delay } = flags;
  const modify = pairs('--modify', flags.modify, jsonValue);
  const headers = Object.fromEntries(flags.header.map(headerOf));
  const mock = {
    predicate: {
      ...predicateOf(flags),
      ...(index === undefined ? {} : { applicable_for_requests: { with_index: index } }),
    },
    response: {
      ...given({ status, delay_sec: delay === undefined ? undefined : delay / 1000 }),
      ...given({ response: bodyOf(flags) }),
      ...filled({ modify }),
      ...(flags.header.length === 0 ? {} : { headers: { PUT: headers } }),
    },
  };
  if (Object.keys(mock.response).length === 0)
    throw new UsageError('This mock changes nothing', {
      hint: 'Give --status, --body, --text, --base64, --grpc-status, --modify, --header or --delay, or a file.',
    });
  const checked = checkValue(mockRequest, mock);
  if (checked.fault !== undefined) throw new UsageError(checked.fault);
  return checked.data;
}

/** The whole response that the flags describe, if they do. */
function bodyOf({ text: body, body: json, base64, grpcStatus, grpcMessage }: MockFlags): OwnBody | undefined {
  if (grpcMessage !== undefined && grpcStatus === undefined)
    throw new UsageError('--grpc-message goes with --grpc-status');
  if ([body, json, grpcStatus ?? base64].filter((one) => one !== undefined).length > 1)
    throw new UsageError('Give one of --text, --body and --base64 or --grpc-status');
  if (body !== undefined) return { text: body };
  if (json !== undefined) return { json: wholeJson(json) };
  if (grpcStatus !== undefined) return { grpc_status: grpcStatus, ...given({ grpc_message: grpcMessage, base64 }) };
  return base64 === undefined ? undefined : { base64 };
}

function pairs<T>(flag: string, given: readonly string[], valueOf: (text: string) => T): Record<string, T> {
  return Object.fromEntries(
    given.map((one) => {
      // A JSONPath may hold `==` in a filter: the value stands behind the last `=` that is not part of one.
      const at = flag === '--param' ? one.indexOf('=') : one.search(/(?<![=!<>])=(?!=)[^=]*$/);
      if (at < 1) throw new UsageError(`${flag}: "${one}" is not name=value`);
      return [one.slice(0, at), valueOf(one.slice(at + 1))];
    }),
  );
}

/** `42`, `true`, `{"a":1}` are what they are; all else is text. */
function jsonValue(text: string): z.core.util.JSONType {
  try {
    return JSON.parse(text) as z.core.util.JSONType;
  } catch {
    return text;
  }
}

function wholeJson(text: string): z.core.util.JSONType {
  try {
    return JSON.parse(text) as z.core.util.JSONType;
  } catch (error) {
    throw new UsageError(`--body is not JSON: ${messageOf(error)}`, { hint: 'Use --text for anything else.' });
  }
}

function headerOf(line: string): [string, string] {
  const match = /^([^:]+):\s*(.*)$/.exec(line);
  if (match === null) throw new UsageError(`--header: "${line}" is not name: value`);
  return [match[1] ?? '', match[2] ?? ''];
}

function given<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function filled<T extends Record<string, object>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Object.keys(value).length > 0)) as Partial<T>;
}
