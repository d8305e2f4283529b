import { createLogger } from '../core/logger.js';
import { messageOf, ProxyctlError } from '../errors/index.js';
import { CertificateAuthority } from '../proxy/certificate-authority.js';
import { MitmEngine } from '../proxy/mitm-engine.js';
import { WorkerSessions } from './worker-sessions.js';
import type { ReplyMessage, CallMessage, WorkerNotice } from '../protocol/worker-protocol.js';

/*
 * The MITM process: `node mitm-worker.js CA-FOLDER NAME`, with an IPC channel to the supervisor. It ends when the
 * channel does.
 */

const [caFolder, name = 'mitm'] = process.argv.slice(2);
if (caFolder === undefined || process.send === undefined) {
  process.stderr.write('This program is started by the proxyctl supervisor.\n');
  process.exit(2);
}

function tell(message: WorkerNotice | ReplyMessage): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

const logger = createLogger(name, (entry) => tell({ notice: 'log', entry }));
const engine = await MitmEngine.start({ ca: await CertificateAuthority.open(caFolder), logger });
const sessions = new WorkerSessions({ engine, logger, tell });

process.on('message', (message: CallMessage) => {
  sessions.answer(message).then(
    (result) => tell({ answer: message.call, result }),
    (error: unknown) => {
      if (!(error instanceof ProxyctlError))
        logger.error(`${message.method} failed`, {
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      tell({
        answer: message.call,
        error: error instanceof ProxyctlError ? error.toJSON() : { message: messageOf(error) },
      });
    },
  );
});

// The supervisor is gone or wants us gone: what is recorded is in the journals already.
process.on('disconnect', () => {
  void sessions.close().finally(() => process.exit(0));
  setTimeout(() => process.exit(0), 2000).unref();
});
// A terminal's Ctrl-C reaches the whole process group; the supervisor decides about the order of things.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ notice: 'fatal', message: text });
    process.exitCode = 70;
    setImmediate(() => process.exit(70));
  });
}
tell({ notice: 'ready' });
