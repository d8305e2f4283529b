export { checkValue, type Checked } from './check-value.js';
export { errorCodes, type ErrorCode } from './codes.js';
export { describeIssues } from './describe-issues.js';
export { messageOf, ProxyctlError, systemCode, UsageError, type ProxyctlErrorOptions } from './proxyctl-error.js';
