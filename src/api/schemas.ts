import { z } from 'zod';
import type { Har } from '../har/har.js';
import { millisecondsWithin, share } from '../core/quantities.js';
import { linkSchema } from '../network/link.js';
import { timelineView } from '../network/timeline/schema.js';
import { networkTotals } from '../network/stage/network-totals.js';
import { missReport } from '../replay/explain/miss-report.js';
import { replayRule } from '../replay/rules/replay-rule.js';
import { sessionCounts } from '../protocol/session-counts.js';
import { requestShape, sessionMode, sessionOptions } from '../protocol/session-options/index.js';
import { streamSchema, toxicHost, toxicName, toxicSchema } from '../toxics/toxic.js';

/*
 * The shapes of the control API, /v1. Routes, OpenAPI document, the TypeScript client and the CLI's `--json` share
 * them.
 */

/** A child process of the supervisor. */
const childStatus = z
  .object({
    name: z.string().describe('`toxiproxy` or `mitm`'),
    state: z
      .enum(['starting', 'ready', 'silent', 'restarting', 'failed', 'stopped'])
      .describe('`silent`: it runs, and does not answer'),
    pid: z.number().int().optional(),
    restarts: z.number().int(),
    /** ISO 8601: since when it is in this state. */
    since: z.string(),
    /** Where it listens, if it has one place: Toxiproxy's API. */
    url: z.string().optional(),
    version: z.string().optional(),
    /** Where the program came from: `flag`, `env`, `path`, `cache`, `release`, `go`. */
    origin: z.string().optional(),
    lastError: z.string().optional(),
  })
  .meta({ id: 'Child' });
export type ChildStatus = z.infer<typeof childStatus>;

/** A session as the API shows it. */
export const sessionView = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    mode: sessionMode,
    state: z.enum(['starting', 'ready', 'restoring', 'failed']),
    error: z.string().optional(),
    /** What clients set as their proxy: `http://127.0.0.1:41234`. */
    proxyUrl: z.string().describe('With the credentials that clients must show, if they must'),
    access: z
      .enum(['local', 'credentials', 'open'])
      .describe('Who may use the proxy: this machine alone, who shows the credentials, or whoever reaches it'),
    host: z.string(),
    port: z.number().int(),
    mitmPort: z.number().int(),
    worker: z.string().meta({ description: 'The MITM process that it is in', example: 'mitm-2' }),
    testId: z.string().optional(),
    appVersion: z.string().optional(),
    branch: z.string().optional(),
    store: z.string().optional(),
    recordingId: z.string().optional(),
    journal: z.string().optional(),
    /** Why this recording was taken, in words. */
    recordingReason: z.string().optional(),
    recordingIncomplete: z
      .string()
      .optional()
      .describe('Replay: why its recording does not hold all that its test did, where it does not'),
    createdAt: z.string(),
    redact: sessionOptions.redact.schema.describe(
      'What is replaced in its recording besides what always is; false: nothing',
    ),
    lease: z
      .object({ seconds: z.number(), endsAt: z.string() })
      .optional()
      .describe('It ends by itself at `endsAt` unless it passes traffic or is renewed before'),
    counters: sessionCounts,
    toxics: z.array(toxicSchema),
    link: linkSchema.optional(),
    network: networkTotals.optional().describe('What its connections met in its modelled network, if it has had one'),
    enabled: z.boolean().describe('False while `down` is on'),
    /** Of a `down` that has a time: when it begins (while it waits) and when it ends. */
    down: z.object({ startsAt: z.string().optional(), endsAt: z.string().optional() }).optional(),
    timeline: timelineView.optional().describe('The timeline that its link follows'),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof sessionView>;

/** What a session is to be: every option of sessions that the stack does not fill in itself. */
export const createSessionRequest = z.object(requestShape).partial().strict().meta({ id: 'CreateSession' });
export type CreateSessionRequest = z.input<typeof createSessionRequest>;

/** How long the session may stand unused from now on; without a number as long as before. */
export const renewRequest = z.strictObject({ leaseSeconds: z.number().min(0).optional() }).meta({ id: 'RenewSession' });
export type RenewRequest = z.infer<typeof renewRequest>;

/** What a session did, given when it ends (and before, as far as it has come). */
export const sessionSummary = z
  .object({
    session: sessionView,
    misses: z.array(missReport),
    failures: z.array(
      z.object({
        index: z.number().int(),
        method: z.string(),
        url: z.string(),
        message: z.string(),
        own: z.literal(true).optional().describe('It is proxyctl that failed it, and neither its client nor a backend'),
      }),
    ),
    /** What no exchange tells: clients that refused our certificate, tunnels that failed. */
    warnings: z.array(z.object({ message: z.string(), hint: z.string().optional() })),
    /** Processes of the stack that its connections went through, and that ended meanwhile: they cut them. */
    lostProcesses: z
      .array(
        z.object({
          process: z.string().describe('`toxiproxy`, `mitm`, `mitm-2`'),
          how: z.string().describe('What ended it: a signal, an exit code, a time limit'),
          at: z.iso.datetime(),
        }),
      )
      .default([]),
    /** Replay: recorded exchanges that nobody asked for. */
    unused: z.array(z.object({ index: z.number().int(), method: z.string(), url: z.string() })),
    /** Replay: requests that were not in the recording, and that backends answered, as `onMiss` allowed. */
    passedThrough: z
      .array(z.object({ index: z.number().int(), method: z.string(), url: z.string(), recorded: z.boolean() }))
      .default([]),
    /** Replay: answered requests with fields that no recorded one of their operation has, as `newFields` allowed. */
    addedFields: z
      .array(
        z.object({
          index: z.number().int(),
          method: z.string(),
          url: z.string(),
          where: z.array(z.string()).describe('The places of the fields, as a miss writes them'),
          by: z.string().optional().describe('The version of the app that added them'),
        }),
      )
      .default([]),
    /** Replay: how many connections this session opened to anywhere. */
    upstreamConnections: z.number().int(),
  })
  .meta({ id: 'SessionSummary' });
export type SessionSummary = z.infer<typeof sessionSummary>;

const wait = millisecondsWithin({ min: 1 });

export const addToxicRequest = z
  .strictObject({
    type: z.string().describe('Our name (`slow-close`) or Toxiproxy’s (`slow_close`)'),
    name: toxicName.optional(),
    stream: streamSchema.optional().describe('Default: downstream. Not for a toxic that has no direction'),
    toxicity: share.optional().describe('Default: 1. Not for a toxic that has no direction'),
    attributes: z.record(z.string(), z.unknown()).default({}),
    host: toxicHost
      .optional()
      .describe('Only for connections to these hosts: a name or an address, `*` for any text, `:port`'),
    kernel: z
      .boolean()
      .optional()
      .describe('Have the kernel drop real packets in place of the model (Linux, CAP_NET_ADMIN)'),
    after: wait.optional().describe('Begin only after this time: milliseconds, or text like `5s`'),
    for: wait.optional().describe('Go by itself after this time'),
  })
  .meta({ id: 'AddToxic' });
export type AddToxicRequest = z.input<typeof addToxicRequest>;

export const updateToxicRequest = z
  .strictObject({
    toxicity: share.optional(),
    attributes: z.record(z.string(), z.unknown()).default({}),
    for: wait.optional().describe('Go by itself after this time, from now on'),
  })
  .meta({ id: 'UpdateToxic' });

/** A link that has a name. Rates in kbit/s, times in ms. */
export const linkProfileView = z
  .object({
    name: z.string(),
    downKbit: z.number().optional(),
    upKbit: z.number().optional(),
    rtt: z.number(),
    jitter: z.number().optional(),
    loss: z.number().optional(),
    burst: z.union([z.string(), z.number()]).optional(),
    source: z.string(),
  })
  .meta({ id: 'LinkProfile' });
export type LinkProfileView = z.infer<typeof linkProfileView>;

export const publishRequest = z
  .strictObject({ verdict: z.enum(['publish', 'reject']), reason: z.string().optional() })
  .meta({ id: 'EndRecording' });
export type PublishRequest = z.infer<typeof publishRequest>;

export const publishResult = z
  .object({
    published: z.boolean(),
    testId: z.string(),
    appVersion: z.string(),
    branch: z.string().optional(),
    recordingId: z.string(),
    store: z.string(),
    entries: z.number().int(),
    bodies: z.number().int(),
    bodyBytes: z.number(),
    reason: z.string().optional(),
    incomplete: z
      .object({
        reason: z.string(),
        interruptions: z.number().int().optional(),
        lostBytes: z.number().optional(),
      })
      .optional()
      .describe('Why the recording does not hold all that its test did'),
    journal: z.string().optional(),
    rules: z
      .object({
        rules: z.number().int(),
        learned: z.array(replayRule),
        comparedWith: z.string().optional(),
        undecided: z.array(
          z.object({
            ...{ index: z.number().int(), method: z.string(), url: z.string() },
            ...{ where: z.string(), before: z.string(), after: z.string(), why: z.string() },
          }),
        ),
        failed: z.string().optional(),
      })
      .optional()
      .describe('The rules that it was published with, and what comparing it with the one before showed'),
  })
  .meta({ id: 'PublishResult' });
export type PublishResult = z.infer<typeof publishResult>;

export const stackStatus = z
  .object({
    pid: z.number().int(),
    version: z.string(),
    home: z.string(),
    startedAt: z.string(),
    url: z.string(),
    state: z.enum(['starting', 'ready', 'degraded', 'stopping']),
    caPath: z.string(),
    children: z.array(childStatus),
    sessions: z.array(sessionView),
  })
  .meta({ id: 'Stack' });
export type StackStatus = z.infer<typeof stackStatus>;

export const logEntrySchema = z
  .object({
    time: z.string(),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    source: z.string(),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'LogEntry' });

export const certificateAuthorityView = z
  .object({ pem: z.string(), path: z.string(), fingerprint256: z.string() })
  .meta({ id: 'CertificateAuthority' });
export type CertificateAuthorityView = z.infer<typeof certificateAuthorityView>;

/** HAR 1.2. Its type is our own; the document refers to the standard in place of repeating it. */
export const harSchema = z.looseObject({ log: z.looseObject({}) }) as unknown as z.ZodType<Har>;

/** The summary of a session that has ended, with what was asked for besides. */
export const endedSession = sessionSummary
  .extend({
    har: harSchema.optional().describe('HAR 1.2'),
    logs: z.array(logEntrySchema).optional(),
  })
  .meta({ id: 'EndedSession' });
export type EndedSession = z.infer<typeof endedSession>;

/** RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string().optional(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });
