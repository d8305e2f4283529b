import { environment } from '../../config/environment.js';
import { proxyctlHome } from '../../config/paths.js';
import { requireStack } from '../shared/find-stack.js';

interface AuthorityView {
  pem: string;
  path: string;
}

/**
 * The authority of the stack that `PROXYCTL_URL` names; else this home's, made if it is not there yet. No stack need
 * run.
 */
export async function authority(): Promise<AuthorityView> {
  if (environment.url !== undefined) return (await requireStack()).ca();
  const { loadOrCreate } = await import('../../proxy/ca-files.js');
  const { certPem, certPath } = await loadOrCreate(proxyctlHome().caDir);
  return { pem: certPem, path: certPath };
}
