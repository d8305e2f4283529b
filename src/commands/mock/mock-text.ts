import type { MockInput } from '../../overrides/index.js';

/** What a mock is for and what it does, in a line. */
export function mockText({ predicate = {}, request, response }: MockInput): string {
  const {
    host,
    command,
    method,
    params = {},
    json_params: jsonParams = {},
    applicable_for_requests: which,
  } = predicate;
  const where = [method, `${host ?? ''}${command ?? (host === undefined ? 'all requests' : '')}`]
    .filter(Boolean)
    .join(' ');
  const conditions = [...Object.keys(params), ...Object.keys(jsonParams)];
  return [
    where,
    conditions.length === 0 ? undefined : `with ${conditions.join(', ')}`,
    which === undefined ? undefined : 'of some numbers',
    '→',
    changes({ request, response }),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

function changes({ request, response }: Pick<MockInput, 'request' | 'response'>): string {
  const parts = [
    request === undefined ? undefined : 'a changed request',
    response?.response === undefined ? undefined : 'own body',
    response?.modify === undefined ? undefined : `changes ${Object.keys(response.modify).join(', ')}`,
    response?.status === undefined ? undefined : `status ${response.status}`,
    response?.headers === undefined ? undefined : 'headers',
    response?.delay_sec === undefined ? undefined : `${response.delay_sec} s later`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
