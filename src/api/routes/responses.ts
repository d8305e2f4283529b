import type { z } from '@hono/zod-openapi';
import { problem } from '../schemas.js';

/** A JSON answer in a route's declaration. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** The errors that every route may answer. */
export const problems = {
  400: { description: 'Not valid', content: { 'application/problem+json': { schema: problem } } },
  401: { description: 'No or wrong token', content: { 'application/problem+json': { schema: problem } } },
  404: { description: 'Not found', content: { 'application/problem+json': { schema: problem } } },
};
