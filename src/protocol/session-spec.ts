import { z } from 'zod';
import { redactionOptions } from '../har/redaction/index.js';
import { replaySettings } from '../replay/replay-settings.js';

/** What a session does with its exchanges. */
export const sessionMode = z.enum(['live', 'record', 'replay']);
export type SessionMode = z.infer<typeof sessionMode>;

/** A published recording, by store and full reference. */
export const recordingRefSchema = z.object({
  testId: z.string().min(1),
  appVersion: z.string().min(1),
  branch: z.string().min(1).optional(),
  recordingId: z.string().min(1),
});

/**
 * All that makes a session what it is: plain data, so that the supervisor can keep it, hand it to the MITM process, and
 * set the session up again after a restart. The ports are filled in once they are known and stay the same from then on.
 */
export const sessionSpec = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  name: z.string().optional(),
  mode: sessionMode,
  testId: z.string().min(1).optional(),
  appVersion: z.string().min(1).optional(),
  /** Where the recorded requests say the app's version, which the recording is published under then. */
  appVersionFrom: z
    .strictObject({ header: z.string().optional(), query: z.string().optional(), pattern: z.string().optional() })
    .optional(),
  /** Of the code under test; left out: the main one. */
  branch: z.string().min(1).optional(),
  /** `/abs/folder` or `s3://bucket/prefix`. */
  store: z.string().optional(),
  /** The recording that a replay session answers from. */
  recording: recordingRefSchema.optional(),
  /** Of that recording's HAR, when it was found: what the store's cache has of this version is not asked for again. */
  harVersion: z.string().optional(),
  /** The folder of a recording session's journal. */
  journal: z.string().optional(),
  recordingId: z.string().optional(),
  /** What is run with it. The name of the program is kept, no argument. */
  command: z.array(z.string()).optional(),
  /** Which of several recorded runs of one test this is, from 1. */
  run: z.number().int().min(1).optional(),
  /** What a recording session replaces besides what it does by default; false: nothing. */
  redact: z.union([redactionOptions, z.literal(false)]).optional(),
  /** Address that clients connect to. */
  host: z.string().default('127.0.0.1'),
  /** Port that clients connect to (Toxiproxy's). 0: not yet known, or any. */
  port: z.number().int().min(0).max(65_535).default(0),
  /** Port of the session's MITM listener, on loopback. */
  mitmPort: z.number().int().min(0).max(65_535).default(0),
  /** Hosts whose TLS is intercepted (`*` wildcards); empty: all but `noIntercept`. */
  intercept: z.array(z.string()).default([]),
  noIntercept: z.array(z.string()).default([]),
  /** PEM certificates trusted for upstream TLS besides the usual roots. */
  upstreamCa: z.array(z.string()).default([]),
  /** Hosts whose upstream certificate is not verified; `*` for all. */
  insecureUpstream: z.array(z.string()).default([]),
  /** URL of a proxy that connections to backends go through: `http://user:password@host:port`, or `https://…`. */
  upstreamProxy: z.string().optional(),
  /** Hosts that go past it, as in NO_PROXY. */
  upstreamProxyBypass: z.array(z.string()).default([]),
  /** `HOST[:PORT]=ADDRESS[:PORT]`: where connections go instead of where the resolver says. */
  resolve: z.array(z.string()).default([]),
  /** What backends are shown that ask who the client is: host pattern, and PEM of certificate and key. */
  clientCertificates: z.array(z.strictObject({ host: z.string(), pem: z.string() })).default([]),
  /** For name resolution, TCP and TLS together. */
  connectTimeoutMs: z.number().int().min(1).optional(),
  /** Without a byte either way while a response is awaited. */
  idleTimeoutMs: z.number().int().min(1).optional(),
  /** Pass a host's TLS through from then on when a client refuses our certificate for it. */
  passthroughOnPinning: z.boolean().default(false),
  /** Keep what passes in memory, for the session's HAR and for expectations: the newest 5,000 exchanges, 64 MiB of bodies. */
  history: z.boolean().default(false),
  /** Origin of a backend that requests to the session’s own address are for: `https://api.example.com`. */
  reverse: z.string().optional(),
  ...replaySettings.shape,
  /** ISO 8601. */
  createdAt: z.string(),
  /** Seconds after which a session that nobody uses ends by itself, its recording kept aside; 0: never. */
  leaseSeconds: z.number().min(0).default(0),
});
export type SessionSpec = z.infer<typeof sessionSpec>;
