import { z } from 'zod';
import { millisecondsWithin } from '../../core/quantities.js';
import { AllowedTargets } from '../allowed-targets.js';
import { parseReverseTarget } from '../reverse-target.js';
import type { SessionOptions } from './session-option.js';

/** What a session does with its exchanges. */
export const sessionMode = z.enum(['live', 'record', 'replay']);
export type SessionMode = z.infer<typeof sessionMode>;

const tcpPort = z.number().int().min(0).max(65_535);

/** What a session is, and how its proxy treats clients. */
export const engineOptions = {
  id: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .describe('Its id: small letters, digits and -'),
    flag: { commands: ['session create'], defaultText: 'one from the test id, or made up' },
  },
  name: {
    schema: z.string().optional().describe('A name for people; any text'),
    flag: { commands: ['session create'], placeholder: 'text' },
  },
  mode: {
    schema: sessionMode.default('live').describe('What it does: live, record or replay'),
    flag: { commands: ['session create'], placeholder: 'mode' },
  },
  command: {
    schema: z
      .array(z.string())
      .optional()
      .describe('What is run with it; the name of the program is kept, no argument'),
  },
  configFile: {
    requestOnly: true,
    schema: z
      .string()
      .optional()
      .describe('The config file whose `redact` and `replay.rules` are in this request; else those of the stack hold'),
  },
  host: {
    schema: z.string().trim().min(1).default('127.0.0.1').describe('Address that the proxy listens on'),
    flag: { placeholder: 'addr' },
  },
  proxyAuth: {
    secret: true,
    schema: z
      .string()
      .regex(/^[^:\p{Cc}]+:\P{Cc}+$/u, 'is not user:password')
      .optional()
      .describe(
        'User name and password that clients must show, where other machines reach the proxy made up if not given',
      ),
    flag: {
      description: 'Clients must show this user name and password',
      placeholder: 'user:password',
      defaultText: 'made up where other machines reach the proxy, else none',
      text: z.string().regex(/^[^:\p{Cc}]+:\P{Cc}+$/u, 'is not user:password'),
    },
  },
  open: {
    requestOnly: true,
    schema: z
      .boolean()
      .default(false)
      .describe('Ask for no credentials though other machines reach the proxy: whoever does can use it'),
    flag: {},
  },
  allowTarget: {
    schema: z
      .array(z.string().trim().min(1))
      .default([])
      .describe(
        'Where other machines reach the proxy: connect to this host though it is on this machine, its link, or a metadata service (host[:port] or address/bits; * matches any text)',
      ),
    flag: {
      placeholder: 'host',
      read(targets: string[]) {
        new AllowedTargets(targets); // says what is wrong with them
        return targets;
      },
    },
  },
  port: {
    schema: tcpPort.default(0).describe('Port of the session’s proxy, for devices with a fixed setting'),
    flag: { name: 'proxyPort', formerNames: ['port'], placeholder: 'n', defaultText: 'any free one' },
  },
  intercept: {
    schema: z
      .array(z.string().trim().min(1))
      .default([])
      .describe('Look into TLS of these hosts only (* matches any text)'),
    flag: { placeholder: 'host' },
  },
  noIntercept: {
    schema: z
      .array(z.string().trim().min(1))
      .default([])
      .describe('Let TLS of these hosts pass untouched (* matches any text)'),
    flag: { placeholder: 'host' },
  },
  passthroughOnPinning: {
    schema: z
      .boolean()
      .default(false)
      .describe('When a client refuses our certificate for a host, let that host pass untouched from then on'),
    flag: {},
  },
  reverse: {
    schema: z
      .string()
      .optional()
      .describe('For clients that cannot use a proxy: requests to the session’s own address go to this backend'),
    flag: {
      placeholder: 'origin',
      read(origin: string) {
        parseReverseTarget(origin); // says what is wrong with it
        return origin;
      },
    },
  },
  history: {
    schema: z
      .boolean()
      .default(false)
      .describe('Keep what passes in memory, for har and expect: the newest 5,000 exchanges, 64 MiB of bodies'),
    flag: {},
  },
  leaseSeconds: {
    schema: z.number().min(0).default(0).describe('End by itself after so many seconds without traffic; 0: never'),
    flag: {
      name: 'lease',
      commands: ['session create'],
      description: 'End by itself after so long without traffic or session renew',
      defaultText: 'never',
      text: millisecondsWithin({ min: 1000 }),
      read: (milliseconds: number) => milliseconds / 1000,
    },
  },
} satisfies SessionOptions;

/** What the stack fills in: where the session is, and what it found or made for it. */
export const internalOptions = {
  recording: {
    internal: true,
    schema: z
      .object({
        testId: z.string().min(1),
        appVersion: z.string().min(1),
        branch: z.string().min(1).optional(),
        recordingId: z.string().min(1),
      })
      .optional()
      .describe('The published recording that a replay answers from'),
  },
  harVersion: {
    internal: true,
    schema: z
      .string()
      .optional()
      .describe('Of that recording’s HAR when it was found: what the store’s cache has of it is not asked for again'),
  },
  journal: { internal: true, schema: z.string().optional().describe('The folder of a recording session’s journal') },
  mitmPort: { internal: true, schema: tcpPort.default(0).describe('Port of its MITM listener, on loopback') },
  createdAt: { internal: true, schema: z.string().describe('ISO 8601') },
} satisfies SessionOptions;
