import { z } from 'zod';
import { interceptionSchema, mockRequest, mockView, redirectRequest, redirectView } from '../../overrides/index.js';
import { operation } from '../operation.js';
import { removed, removedFrom } from './removed.js';

/** The whole body of a response may stand in a mock, in base64. */
const maxMockBytes = 64 * 1024 * 1024;

export const mocks = {
  list: operation({
    id: 'listMocks',
    method: 'get',
    path: '/v1/sessions/{id}/mocks',
    tag: 'mocks',
    summary: 'The mocks of a session, with how often each was met',
    response: z.array(mockView),
    says: 'Mocks',
    run: (stack, { params }) => stack.overrides.mocks(params.id),
  }),
  add: operation({
    id: 'addMock',
    method: 'post',
    path: '/v1/sessions/{id}/mocks',
    tag: 'mocks',
    summary: 'Add a mock; it holds for the next request',
    body: mockRequest,
    maxBodyBytes: maxMockBytes,
    response: mockView,
    says: 'The mock',
    status: 201,
    run: (stack, { params, body }) => stack.overrides.addMock(params.id, body),
  }),
  change: operation({
    id: 'changeMock',
    method: 'put',
    path: '/v1/sessions/{id}/mocks/{mock}',
    tag: 'mocks',
    summary: 'Change a mock; its counters go on',
    body: mockRequest,
    maxBodyBytes: maxMockBytes,
    response: mockView,
    says: 'The mock',
    run: (stack, { params, body }) => stack.overrides.changeMock(params.id, params.mock, body),
  }),
  remove: operation({
    id: 'removeMock',
    method: 'delete',
    path: '/v1/sessions/{id}/mocks/{mock}',
    tag: 'mocks',
    summary: 'Remove a mock',
    says: 'Removed',
    run: (stack, { params }) => stack.overrides.removeMock(params.id, params.mock),
  }),
  /** Removes all. Returns how many there were. */
  clear: operation(
    {
      id: 'clearMocks',
      method: 'delete',
      path: '/v1/sessions/{id}/mocks',
      tag: 'mocks',
      summary: 'Remove all mocks',
      ...removed,
      run: async (stack, { params }) => ({ removed: await stack.overrides.clearMocks(params.id) }),
    },
    removedFrom,
  ),
};

export const redirects = {
  list: operation({
    id: 'listRedirects',
    method: 'get',
    path: '/v1/sessions/{id}/redirects',
    tag: 'redirects',
    summary: 'The redirects of a session; the first that fits a request holds',
    response: z.array(redirectView),
    says: 'Redirects',
    run: (stack, { params }) => stack.overrides.redirects(params.id),
  }),
  add: operation({
    id: 'addRedirect',
    method: 'post',
    path: '/v1/sessions/{id}/redirects',
    tag: 'redirects',
    summary: 'Send the requests for a host to another one, from the next request on',
    body: redirectRequest,
    response: redirectView,
    says: 'The redirect',
    status: 201,
    run: (stack, { params, body }) => stack.overrides.addRedirect(params.id, body),
  }),
  remove: operation({
    id: 'removeRedirect',
    method: 'delete',
    path: '/v1/sessions/{id}/redirects/{redirect}',
    tag: 'redirects',
    summary: 'Remove a redirect',
    says: 'Removed',
    run: (stack, { params }) => stack.overrides.removeRedirect(params.id, params.redirect),
  }),
  clear: operation(
    {
      id: 'clearRedirects',
      method: 'delete',
      path: '/v1/sessions/{id}/redirects',
      tag: 'redirects',
      summary: 'Remove all redirects',
      ...removed,
      run: async (stack, { params }) => ({ removed: await stack.overrides.clearRedirects(params.id) }),
    },
    removedFrom,
  ),
};

export const interception = {
  get: operation({
    id: 'getInterception',
    method: 'get',
    path: '/v1/sessions/{id}/interception',
    tag: 'interception',
    summary: 'The hosts whose TLS a session intercepts',
    response: interceptionSchema,
    says: 'Hosts',
    run: (stack, { params }) => stack.overrides.interception(params.id),
  }),
  /** Holds for the next request; connections that are not to be opened any more are let go. */
  set: operation({
    id: 'setInterception',
    method: 'put',
    path: '/v1/sessions/{id}/interception',
    tag: 'interception',
    summary:
      'Set the hosts whose TLS a session intercepts, from the next request on; open tunnels that pass through stay',
    body: interceptionSchema,
    response: interceptionSchema,
    says: 'Hosts',
    run: (stack, { params, body }) => stack.overrides.intercept(params.id, body),
  }),
};
