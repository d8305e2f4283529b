/** A published Toxiproxy: its version, where it is published, and the digests that its files must have. */
export interface ToxiproxyRelease {
  /** Without a leading `v`. */
  version: string;
  /** Folder of all releases; files are at `<base>/v<version>/<asset>`. */
  baseUrl: string;
  /** SHA-256 by asset name. An asset that is not listed is checked against the release's own `checksums.txt`. */
  checksums: Readonly<Record<string, string>>;
  /** Go package of the server. */
  goPackage: string;
  /** The Go variable that holds the version; without it a server built by `go install` calls itself `git`. */
  goVersionVariable: string;
}

/**
 * The version that proxyctl is built for and tested with: the one place that says so.
 * Where its digests come from: docs/decisions/0003-toxiproxy-provisioning.md.
 */
export const pinnedRelease: ToxiproxyRelease = {
  version: '2.12.0',
  baseUrl: 'https://github.com/Shopify/toxiproxy/releases/download',
  checksums: {
    'toxiproxy-server-linux-amd64': '556d891134a3c582dc1e1a3f7335fd55142e5965769855a00b944e13e48302fc',
    'toxiproxy-server-linux-arm64': '53e770c1c3035b5a9f1bc629fce537db1f95f62b26f4ebe6e756afd701cf077c',
    'toxiproxy-server-darwin-amd64': '9625bba4bd96117eedae49f982aba4c2f462b268dd406c9ff18186f9b1ef8afe',
    'toxiproxy-server-darwin-arm64': 'aa299966b52f16a8594f1cd0d1e9049dc2e8fe2c04a90c19860e2719b2b95d15',
  },
  goPackage: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  goVersionVariable: 'github.com/Shopify/toxiproxy/v2.Version',
};

const systems: Record<string, string> = {
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  sunos: 'solaris',
  win32: 'windows',
};

/** The release file for a platform in Node's words, or `undefined` where Toxiproxy publishes none. */
export function releaseAsset(platform: string = process.platform, arch: string = process.arch): string | undefined {
  const system = systems[platform];
  const machine = machineName(arch);
  if (system === undefined || machine === undefined) return undefined;
  if (system === 'windows') return machine === 'amd64' ? 'toxiproxy-server-windows-amd64.exe' : undefined;
  return `toxiproxy-server-${system}-${machine}`;
}

function machineName(arch: string): string | undefined {
  if (arch === 'x64') return 'amd64';
  if (arch === 'arm64') return 'arm64';
  // A 32-bit ARM binary for version 6 also runs on version 7.
  return arch === 'arm' ? 'armv6' : undefined;
}

/** The digest of `asset` in a `checksums.txt` (lines of `<sha256>  <name>`). */
export function checksumOf(asset: string, checksumsFile: string): string | undefined {
  for (const line of checksumsFile.split('\n')) {
    const [digest, name] = line.trim().split(/\s+\*?/);
    if (name === asset && digest !== undefined && /^[0-9a-f]{64}$/i.test(digest)) return digest.toLowerCase();
  }
  return undefined;
}
