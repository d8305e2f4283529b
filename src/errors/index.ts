export { errorCodes, type ErrorCode } from './codes.js';
export { messageOf, ProxyctlError, systemCode, UsageError, type ProxyctlErrorOptions } from './proxyctl-error.js';
