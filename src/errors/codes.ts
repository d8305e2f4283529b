/**
 * Every error code of proxyctl with the HTTP status that the control API answers and the code that the command exits
 * with. `docs/reference/errors.md` is generated from this table.
 */
export const errorCodes = {
  PROXYCTL_USAGE: { httpStatus: 400, exitCode: 2, meaning: 'A flag, argument or value is not valid' },
  PROXYCTL_CONFIG: { httpStatus: 400, exitCode: 2, meaning: 'A config file or environment variable is not valid' },
  PROXYCTL_STACK_NOT_RUNNING: { httpStatus: 503, exitCode: 3, meaning: 'No stack is running' },
  PROXYCTL_STACK_RUNNING: { httpStatus: 409, exitCode: 4, meaning: 'A stack is already running on this home' },
  PROXYCTL_PORT_IN_USE: { httpStatus: 409, exitCode: 4, meaning: 'A port that was asked for is taken' },
  PROXYCTL_NOT_FOUND: { httpStatus: 404, exitCode: 5, meaning: 'There is no such thing by this name' },
  PROXYCTL_SESSION_NOT_FOUND: { httpStatus: 404, exitCode: 5, meaning: 'There is no such session' },
  PROXYCTL_TOXIC_NOT_FOUND: { httpStatus: 404, exitCode: 5, meaning: 'The session has no such toxic' },
  PROXYCTL_TOXIC_EXISTS: { httpStatus: 409, exitCode: 2, meaning: 'The session has a toxic of this name' },
  PROXYCTL_RECORDING_NOT_FOUND: { httpStatus: 404, exitCode: 5, meaning: 'No recording is published under this key' },
  PROXYCTL_RECORDING_CORRUPT: { httpStatus: 422, exitCode: 6, meaning: 'A recording or body is damaged or incomplete' },
  PROXYCTL_NEWER_FORMAT: {
    httpStatus: 422,
    exitCode: 16,
    meaning: 'Something stored, or a running stack, is of a newer proxyctl',
  },
  PROXYCTL_SECRETS_FOUND: { httpStatus: 422, exitCode: 5, meaning: 'Recordings hold secrets in the clear' },
  PROXYCTL_STORE: { httpStatus: 500, exitCode: 6, meaning: 'The store cannot be read or written' },
  PROXYCTL_STORE_KEY: {
    httpStatus: 422,
    exitCode: 2,
    meaning: 'The key of an encrypted store is missing or another one',
  },
  PROXYCTL_STORE_CONFLICT: { httpStatus: 409, exitCode: 6, meaning: 'Another writer published at the same moment' },
  PROXYCTL_JOURNAL: {
    httpStatus: 500,
    exitCode: 6,
    meaning: 'The local journal cannot be written (disk full, no permission)',
  },
  PROXYCTL_TOXIPROXY_UNAVAILABLE: {
    httpStatus: 500,
    exitCode: 7,
    meaning: 'No Toxiproxy server could be found or fetched',
  },
  PROXYCTL_CHECKSUM: { httpStatus: 500, exitCode: 7, meaning: 'A downloaded file does not have the expected SHA-256' },
  PROXYCTL_CHILD: { httpStatus: 500, exitCode: 8, meaning: 'A child process did not start or keeps dying' },
  PROXYCTL_TIMEOUT: { httpStatus: 504, exitCode: 9, meaning: 'Something did not answer within its time limit' },
  PROXYCTL_REPLAY_MISSED: {
    httpStatus: 502,
    exitCode: 10,
    meaning: 'CMD succeeded but requests were not in the recording',
  },
  PROXYCTL_REPLAY_FAILED: {
    httpStatus: 500,
    exitCode: 15,
    meaning: 'CMD succeeded but answers of its recording could not be given',
  },
  PROXYCTL_EXPECTATION: {
    httpStatus: 500,
    exitCode: 1,
    meaning: 'The requests that were expected did not come, or others came',
  },
  PROXYCTL_NOT_PUBLISHED: {
    httpStatus: 500,
    exitCode: 11,
    meaning: 'CMD succeeded but its recording could not be published',
  },
  PROXYCTL_RECORDING_INCOMPLETE: {
    httpStatus: 500,
    exitCode: 14,
    meaning: 'CMD succeeded but its recording does not hold all that it did',
  },
  PROXYCTL_COMMAND_NOT_EXECUTABLE: { httpStatus: 400, exitCode: 126, meaning: 'CMD was found but cannot be run' },
  PROXYCTL_COMMAND_NOT_FOUND: { httpStatus: 400, exitCode: 127, meaning: 'CMD was not found' },
  PROXYCTL_UNAUTHORIZED: { httpStatus: 401, exitCode: 12, meaning: 'The control API refused the token' },
  PROXYCTL_FORBIDDEN: {
    httpStatus: 403,
    exitCode: 12,
    meaning: 'The control API refused the Origin or Host of a request',
  },
  PROXYCTL_UPSTREAM: {
    httpStatus: 502,
    exitCode: 1,
    meaning: 'The backend could not be reached or did not answer as HTTP',
  },
  PROXYCTL_UPSTREAM_TIMEOUT: { httpStatus: 504, exitCode: 1, meaning: 'The backend did not answer in time' },
  PROXYCTL_BAD_REQUEST: {
    httpStatus: 400,
    exitCode: 1,
    meaning: 'The proxy was sent a request that it cannot forward',
  },
  PROXYCTL_PROXY_CREDENTIALS: {
    httpStatus: 407,
    exitCode: 12,
    meaning: 'The proxy wants the user name and password that its URL holds',
  },
  PROXYCTL_TARGET_REFUSED: {
    httpStatus: 403,
    exitCode: 12,
    meaning: 'The proxy does not connect clients of other machines to this address',
  },
  PROXYCTL_CA: {
    httpStatus: 500,
    exitCode: 13,
    meaning: 'The certificate authority cannot be read or made',
  },
  PROXYCTL_BODY_TOO_LARGE: {
    httpStatus: 413,
    exitCode: 1,
    meaning: 'A body that must be read whole is over its limit',
  },
  PROXYCTL_INTERNAL: {
    httpStatus: 500,
    exitCode: 70,
    meaning: 'Something failed inside proxyctl that should not: a bug',
  },
} as const;

export type ErrorCode = keyof typeof errorCodes;
