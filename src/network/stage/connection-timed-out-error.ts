import { ProxyctlError } from '../../errors/index.js';

/**
 * The modelled TCP has given a connection up, as a kernel does (ETIMEDOUT) after about 15 minutes without a response.
 */
export class ConnectionTimedOutError extends ProxyctlError {
  readonly systemCode = 'ETIMEDOUT';

  constructor(what: string) {
    super(
      'PROXYCTL_TIMEOUT',
      `The modelled network lost every transmission of ${what}, until TCP gave the connection up`,
      {
        hint: 'Lower the loss, or shorten its bursts: at this rate a real connection would break as well.',
      },
    );
  }
}
