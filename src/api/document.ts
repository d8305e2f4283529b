import type { OpenAPIHono } from '@hono/zod-openapi';

/** What our schemas say to the command line alone; a reader of the document would take it for a mistake. */
const ofTheCommandLine = new Set(['placeholder', 'defaultText']);

/** The document that describes the API, OpenAPI 3.1. Made on the first call; throws for a schema that it cannot say. */
export function apiDocument(app: OpenAPIHono, version: string): () => unknown {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  let document: unknown;
  return () =>
    (document ??= withoutFlags(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'proxyctl control API',
          version,
          description:
            'Sessions, their network, rules, recordings and events: what a test needs to steer its own proxy.',
          license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
        },
        servers: [{ url: '/' }], // whatever host it was read from
        security: [{ bearer: [] }],
      }),
    ));
}

/** `ofNames`: the keys of this object are names that a schema gives to properties, not words of JSON Schema. */
function withoutFlags(value: unknown, ofNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutFlags(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => ofNames || !ofTheCommandLine.has(key))
      .map(([key, item]) => [key, withoutFlags(item, !ofNames && key === 'properties')]),
  );
}
