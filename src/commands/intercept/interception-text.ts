import type { Interception } from '../../overrides/index.js';

/** `all hosts`, `only api.example.com`, `all hosts but *.bank.example`. */
export function interceptionText({ intercept, noIntercept }: Interception): string {
  const which = intercept.length === 0 ? 'all hosts' : `only ${intercept.join(', ')}`;
  return noIntercept.length === 0 ? which : `${which} but ${noIntercept.join(', ')}`;
}
