import { z } from 'zod';
import { describeIssues, messageOf, UsageError } from '../errors/index.js';

const configuredProxy = z.object({
  name: z.string().min(1),
  /** `127.0.0.1:26379`, `:26379`; port 0 or none at all takes a free one. */
  listen: z.string().default('127.0.0.1:0'),
  upstream: z.string().min(1),
  enabled: z.boolean().default(true),
  toxics: z
    .array(
      z.object({
        name: z.string().optional(),
        type: z.string(),
        stream: z.enum(['upstream', 'downstream']).default('downstream'),
        toxicity: z.number().min(0).max(1).default(1),
        attributes: z.record(z.string(), z.number()).default({}),
      }),
    )
    .default([]),
});
/** A proxy as `toxiproxy.json` has it: Toxiproxy's `-config`, and what its API answers. */
export type ConfiguredProxy = z.infer<typeof configuredProxy>;

/**
 * Reads Toxiproxy's config: a list of proxies, or what `GET /proxies` answers. Throws `UsageError` that names what is
 * wrong.
 */
export function parseToxiproxyConfig(text: string, file: string): ConfiguredProxy[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${messageOf(error)}`, { cause: error });
  }
  const list = Array.isArray(value) ? value : Object.values(value ?? {});
  const { success, data, error } = z.array(configuredProxy).safeParse(list);
  if (!success) {
    throw new UsageError(`${file}: ${describeIssues(error)}`, {
      hint: 'It is a list: [{ "name": "redis", "listen": "127.0.0.1:26379", "upstream": "127.0.0.1:6379" }]',
    });
  }
  const twice = data.find(({ name }, index) => data.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new UsageError(`${file} has two proxies "${twice.name}"`);
  return data;
}
