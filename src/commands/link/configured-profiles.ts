import { relative } from 'node:path';
import { loadConfig } from '../../config/config-file.js';
import { ownProfiles } from '../../network/own-profiles.js';
import type { LinkProfile } from '../../network/profiles.js';

/** The links of the config file that holds here. Throws `ProxyctlError` when it is wrong. */
export function configuredProfiles(): LinkProfile[] {
  const { path, config } = loadConfig();
  return path === undefined ? [] : ownProfiles(config.links, relative(process.cwd(), path));
}
