import { z } from 'zod';
import { operation } from '../operation.js';
import { certificateAuthorityView, stackStatus } from '../schemas.js';

export const status = operation({
  id: 'getStatus',
  method: 'get',
  path: '/v1/status',
  tag: 'stack',
  summary: 'The stack, its children and its sessions',
  response: stackStatus,
  says: 'Status',
  run: (stack) => stack.status(),
});

export const shutdown = operation(
  {
    id: 'shutdown',
    method: 'post',
    path: '/v1/shutdown',
    tag: 'stack',
    summary: 'Stop the stack',
    response: z.object({ stopping: z.boolean() }),
    says: 'It stops',
    status: 202,
    run: (stack) => {
      stack.requestShutdown();
      return { stopping: true };
    },
  },
  (send) => async (): Promise<void> => {
    await send({ params: {} });
  },
);

export const ca = operation({
  id: 'getCa',
  method: 'get',
  path: '/v1/ca',
  tag: 'stack',
  summary: 'The certificate authority that clients must trust',
  response: certificateAuthorityView,
  says: 'Certificate authority',
  run: (stack) => stack.ca,
});
