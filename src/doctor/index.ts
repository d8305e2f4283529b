import { proxyctlHome } from '../config/paths.js';
import { messageOf } from '../errors/index.js';
import type { Check, CheckContext, Finding } from './check.js';
import { apiPort } from './checks/api-port.js';
import { certificateAuthority } from './checks/certificate-authority.js';
import { diskSpace } from './checks/disk-space.js';
import { environmentVariables } from './checks/environment-variables.js';
import { faketime } from './checks/faketime.js';
import { go } from './checks/go.js';
import { homeFolders } from './checks/home-folders.js';
import { java } from './checks/java.js';
import { nodeProxySupport } from './checks/node-proxy-support.js';
import { nodeVersion } from './checks/node-version.js';
import { proxyVariables } from './checks/proxy-variables.js';
import { runningStack } from './checks/running-stack.js';
import { toxiproxy } from './checks/toxiproxy.js';

export type { Finding } from './check.js';

export interface CheckResult extends Finding {
  name: string;
}

/** Every check, in the order they are shown in. */
const checks: readonly Check[] = [
  nodeVersion,
  toxiproxy,
  go,
  homeFolders,
  diskSpace,
  certificateAuthority,
  runningStack,
  apiPort,
  environmentVariables,
  proxyVariables,
  nodeProxySupport,
  java,
  faketime,
];

export interface RunChecksOptions {
  /** Default: this user's, as `proxyctlHome()` says. */
  home?: CheckContext['home'];
  apiPort?: number;
  toxiproxyPath?: string;
  signal?: AbortSignal;
  /** Called as each is done, in the order of the list. */
  onResult?: (result: CheckResult) => void;
}

const checkLimitMs = 15_000;

/** Runs all checks at once. Never throws for what a check finds: that is in its result. */
export async function runChecks(options: RunChecksOptions = {}): Promise<CheckResult[]> {
  const running = checks.map((check) => runOne(check, options));
  const results: CheckResult[] = [];
  for (const result of running) {
    results.push(await result);
    options.onResult?.(await result);
  }
  return results;
}

async function runOne(check: Check, options: RunChecksOptions): Promise<CheckResult> {
  const { name } = check;
  const limit = AbortSignal.timeout(checkLimitMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  try {
    const context: CheckContext = {
      home: options.home ?? proxyctlHome(),
      apiPort: options.apiPort ?? 4600,
      toxiproxyPath: options.toxiproxyPath,
      signal,
    };
    return { name, ...(await Promise.race([check.run(context), abortOf(signal)])) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const detail = limit.aborted ? `no answer within ${checkLimitMs / 1000} s` : messageOf(error);
    return { name, status: 'fail', detail };
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted', { cause: signal.reason })), { once: true });
  });
}
