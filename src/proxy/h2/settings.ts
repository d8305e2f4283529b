import type { ClientSessionOptions, ServerSessionOptions } from 'node:http2';

/**
 * What may come on one stream before its reader has taken it. A browser grants 6 MiB, Go 1 MiB: 64 KiB would slow down
 * far links.
 */
const streamWindowBytes = 1024 * 1024;
/** The same for all streams of a connection together. */
export const connectionWindowBytes = 16 * 1024 * 1024;

const headerListBytes = 256 * 1024;

/** Bounds that guard a server on the internet are in the way of a test that fires a thousand requests at once. */
const common = {
  maxSessionMemory: 1000,
  maxHeaderListPairs: 2000,
  maxSendHeaderBlockLength: headerListBytes,
  maxSessionInvalidFrames: 1000,
  maxOutstandingPings: 1000,
} as const;

/** Towards clients. */
export const serverOptions: ServerSessionOptions = {
  ...common,
  maxSessionRejectedStreams: 1000,
  settings: {
    maxConcurrentStreams: 1000,
    initialWindowSize: streamWindowBytes,
    maxHeaderListSize: headerListBytes,
    enableConnectProtocol: false,
  },
};

/** Towards servers. */
export const clientOptions: ClientSessionOptions = {
  ...common,
  maxReservedRemoteStreams: 0,
  settings: { enablePush: false, initialWindowSize: streamWindowBytes, maxHeaderListSize: headerListBytes },
};
