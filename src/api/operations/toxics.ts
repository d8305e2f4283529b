import { z } from 'zod';
import { toxicSchema } from '../../toxics/toxic.js';
import { operation } from '../operation.js';
import { addToxicRequest, updateToxicRequest } from '../schemas.js';
import { removed, removedFrom } from './removed.js';

export const toxics = {
  list: operation({
    id: 'listToxics',
    method: 'get',
    path: '/v1/sessions/{id}/toxics',
    tag: 'toxics',
    summary: 'The toxics of a session',
    response: z.array(toxicSchema),
    says: 'Toxics',
    run: (stack, { params }) => stack.toxics.list(params.id),
  }),
  /** `stream: both` adds two. */
  add: operation({
    id: 'addToxic',
    method: 'post',
    path: '/v1/sessions/{id}/toxics',
    tag: 'toxics',
    summary: 'Add a toxic; it takes effect at once, on open connections too',
    body: addToxicRequest,
    response: z.array(toxicSchema),
    says: 'What was added: two for `stream: both`',
    status: 201,
    run: (stack, { params, body }) => stack.toxics.add(params.id, body),
  }),
  update: operation(
    {
      id: 'updateToxic',
      method: 'patch',
      path: '/v1/sessions/{id}/toxics/{name}',
      tag: 'toxics',
      summary: 'Change a toxic in place',
      body: updateToxicRequest,
      response: toxicSchema,
      says: 'The toxic',
      run: (stack, { params, body }) => stack.toxics.update(params.id, params.name, body),
    },
    (send) => (session: string, name: string, change: z.input<typeof updateToxicRequest>) =>
      send({ params: { id: session, name }, body: change }),
  ),
  remove: operation({
    id: 'removeToxic',
    method: 'delete',
    path: '/v1/sessions/{id}/toxics/{name}',
    tag: 'toxics',
    summary: 'Remove a toxic',
    says: 'Removed',
    run: (stack, { params }) => stack.toxics.remove(params.id, params.name),
  }),
  /** Removes all and enables the listener again. Returns how many there were. */
  reset: operation(
    {
      id: 'resetToxics',
      method: 'delete',
      path: '/v1/sessions/{id}/toxics',
      tag: 'toxics',
      summary: 'Remove all toxics and enable the listener',
      ...removed,
      run: async (stack, { params }) => ({ removed: await stack.toxics.reset(params.id) }),
    },
    removedFrom,
  ),
};
