/**
 * The library behind the command: start a stack from a program, steer it through its control API, and read recordings.
 *
 * ```ts
 * await using stack = await Stack.start();
 * const session = await stack.api.sessions.create({ mode: 'record', testId: 'checkout', store: '/abs/recordings' });
 * ```
 */
export { Stack, type StackOptions } from '../supervisor/stack.js';
export { connectStack, type OpenSession, type StackAddress, type StackApi } from './api/client.js';
export type {
  AddToxicRequest,
  ChildStatus,
  CreateSessionRequest,
  PublishRequest,
  PublishResult,
  SessionSummary,
  SessionView,
  StackStatus,
} from './api/schemas.js';
export type { MissReport } from './replay/explain/miss-report.js';
export { errorCodes, ProxyctlError, type ErrorCode } from './errors/index.js';
export type { Har, HarEntry, HarRecordingInfo } from './har/har.js';
export type { SessionEvent } from './protocol/session-event.js';
export { findRecording, type VersionPolicy } from './store/find-recording.js';
export { openRecording } from './store/open-recording.js';
export { openStore } from './store/open-store.js';
export type { RecordingKey, RecordingRef } from './store/recording-key.js';
export type { RecordingStore } from './store/recording-store.js';
export type { Recording } from './store/recording.js';
export { toxicDefinitions, type ToxicDefinition } from './toxics/index.js';
export type { Toxic } from './toxics/toxic.js';
