import { z } from 'zod';
import { linkSchema, setLinkRequest, type Link } from '../../network/link.js';
import { timelineRequest, timelineView } from '../../network/timeline/schema.js';
import { operation } from '../operation.js';
import { linkProfileView } from '../schemas.js';

/** Recorded links stand in requests whole: a line for each packet. */
const maxTraceBytes = 64 * 1024 * 1024;

export const link = {
  profiles: operation({
    id: 'listLinkProfiles',
    method: 'get',
    path: '/v1/links',
    tag: 'links',
    summary: 'The links that have a name',
    response: z.array(linkProfileView),
    says: 'Profiles',
    run: (stack) => [...stack.link.profiles],
  }),
  get: operation(
    {
      id: 'getLink',
      method: 'get',
      path: '/v1/sessions/{id}/link',
      tag: 'links',
      summary: 'The link of a session',
      response: z.object({ link: linkSchema.optional() }),
      says: 'The link, if it has one',
      run: (stack, { params }) => ({ link: stack.sessions.get(params.id).link }),
    },
    (send) =>
      async (session: string): Promise<Link | undefined> =>
        (await send({ params: { id: session } })).link,
  ),
  set: operation({
    id: 'setLink',
    method: 'put',
    path: '/v1/sessions/{id}/link',
    tag: 'links',
    summary: 'Put a link before all connections of a session; it takes effect at once, on open connections too',
    body: setLinkRequest,
    maxBodyBytes: maxTraceBytes,
    response: linkSchema,
    says: 'The link',
    run: (stack, { params, body }) => stack.link.set(params.id, body),
  }),
  /** Lets it follow a timeline from now on; `set` and `remove` end that. */
  play: operation({
    id: 'playTimeline',
    method: 'put',
    path: '/v1/sessions/{id}/timeline',
    tag: 'links',
    summary: 'Let the link of a session follow a timeline from now on; taking the link away ends it',
    body: timelineRequest,
    maxBodyBytes: 4 * 1024 * 1024,
    response: timelineView,
    says: 'The timeline',
    run: (stack, { params, body }) => stack.link.play(params.id, body),
  }),
  remove: operation({
    id: 'removeLink',
    method: 'delete',
    path: '/v1/sessions/{id}/link',
    tag: 'links',
    summary: 'Take the link away',
    says: 'It has none any more',
    run: (stack, { params }) => stack.link.remove(params.id),
  }),
};
