import { randomBytes } from 'node:crypto';
import { connectStack, type StackAddress, type StackApi } from '../src/api/client.js';
import type { OperatedStack } from '../src/api/operated-stack.js';
import {
  createSessionRequest,
  type CertificateAuthorityView,
  type CreateSessionRequest,
  type StackStatus,
} from '../src/api/schemas.js';
import { ApiServer } from '../src/api/server.js';
import { proxyctlHome, type HomePaths } from '../src/config/paths.js';
import { createLogger, type LogEntry, type LogLevel } from '../src/core/logger.js';
import { sweepTempFolders } from '../src/core/temp-folder.js';
import { packageVersion } from '../src/core/package-version.js';
import { ResourceScope } from '../src/core/resource-scope.js';
import { UsageError } from '../src/errors/index.js';
import type { LinkProfile } from '../src/network/profiles.js';
import type { ConfiguredProxy } from '../src/toxics/toxiproxy-config.js';
import { fromWire } from '../src/toxics/wire.js';
import { startChildren, type Children } from './children.js';
import type { EventLog } from './event-log.js';
import { LinkEditor } from './link-editor.js';
import type { LivenessLimits } from './liveness.js';
import { LogStore } from './log-store.js';
import { OverrideEditor } from './override-editor.js';
import { Publisher } from './publisher.js';
import { SessionEditor } from './session-editor.js';
import { SessionHistory } from './session-history.js';
import { StateFile } from './state-file.js';
import { Timetable } from './timetable.js';
import { ToxicEditor } from './toxic-editor.js';
import type { ProvisionProgress } from './toxiproxy/provision/index.js';

export interface StackOptions {
  home?: HomePaths;
  /**
   * Where the config file is looked for that holds for sessions of no other project. Default: the working folder at the
   * start.
   */
  folder?: string;
  /** Address of the control API and default one of proxy ports. */
  host?: string;
  /** Port of the control API; 0 (the default): any free one. */
  apiPort?: number;
  /** Web pages of these origins may use the control API (CORS). Default none. */
  apiOrigins?: readonly string[];
  /** Path of a Toxiproxy server program. */
  toxiproxy?: string;
  /** Port of Toxiproxy's own API; 0 (the default): any free one. */
  toxiproxyPort?: number;
  /** Proxies of Toxiproxy's that run beside the sessions. */
  proxies?: readonly ConfiguredProxy[];
  /** The most MITM processes that sessions are spread over; 1 (the default): all sessions are in one. */
  workers?: number;
  /** When a MITM process counts as silent, and when it is started again. Default 5 s and 30 s. */
  liveness?: Partial<LivenessLimits>;
  /** Links by name besides those that everybody has. */
  profiles?: readonly LinkProfile[];
  /** A store that sessions will use: what takes long to load for it is loaded while the children start. */
  store?: string;
  /** Writes the state file, so that other commands find this stack; refuses a second one on the same home. */
  register?: boolean;
  /** Opens a session `default` that is to be this. */
  defaultSession?: CreateSessionRequest;
  logLevel?: LogLevel;
  onLog?: (entry: LogEntry) => void;
  onProgress?: (progress: ProvisionProgress) => void;
  signal?: AbortSignal;
}

const defaultSessionId = 'default';

/** One running stack: children, desired state and control API, started in order and stopped in the reverse. */
export class Stack implements OperatedStack, AsyncDisposable {
  /** Resolves when it was asked to stop through its API. */
  readonly shutdownRequested: Promise<void>;
  readonly sessions: SessionEditor;
  readonly publisher: Publisher;
  readonly toxics: ToxicEditor;
  readonly link: LinkEditor;
  readonly overrides: OverrideEditor;
  readonly history: SessionHistory;
  readonly events: EventLog;
  readonly logs: LogStore;
  readonly #scope: ResourceScope;
  readonly #children: Children;
  readonly #startedAt = new Date().toISOString();
  #api: StackApi | undefined;
  #requestShutdown = (): void => undefined;
  #stopping = false;

  private constructor(
    scope: ResourceScope,
    children: Children,
    { profiles = [], folder = process.cwd() }: Pick<StackOptions, 'profiles' | 'folder'>,
  ) {
    const { desired, reconciler, events, logs, mitm } = children;
    this.#scope = scope;
    this.#children = children;
    this.events = events;
    this.logs = logs;
    const timetable = scope.use(new Timetable(children));
    this.publisher = new Publisher(children);
    this.sessions = scope.use(new SessionEditor(children, this.publisher, folder));
    this.toxics = new ToxicEditor(desired, reconciler, events, () => timetable.plan());
    this.link = new LinkEditor(children, timetable, profiles);
    this.overrides = new OverrideEditor(desired, reconciler, events);
    this.history = new SessionHistory(desired, mitm);
    this.shutdownRequested = new Promise((done) => (this.#requestShutdown = done));
  }

  /**
   * Resolves once both children answer. Throws the first thing that stands in the way, and leaves nothing behind then.
   */
  static async start(options: StackOptions = {}): Promise<Stack> {
    const scope = new ResourceScope();
    try {
      const { home = proxyctlHome(), register = false } = options;
      const token = randomBytes(24).toString('hex');
      const logs = scope.use(new LogStore(register ? home.logDir : undefined));
      if (options.onLog !== undefined) logs.listen(options.onLog);
      const logger = createLogger('supervisor', logs.write, options.logLevel);
      const stateFile = register
        ? await StateFile.claim(home.stateFile, packageVersion(), (path) =>
            logger.info('Cleared what a dead stack left behind', { path }),
          )
        : undefined;
      if (stateFile !== undefined) scope.use(stateFile);
      const stack = new Stack(scope, await startChildren(scope, { ...options, home, logs, logger, token }), options);
      for (const proxy of options.proxies ?? []) await stack.#addProxy(proxy, options.defaultSession !== undefined);
      const address = await stack.#serve(options, token);
      await stateFile?.publish(address);
      logger.info('The stack is ready', { api: address.url });
      void sweepTempFolders().then((folders) => {
        if (folders.length > 0) logger.info('Removed temporary folders of dead processes', { folders });
      });
      return stack;
    } catch (error) {
      await scope.close().catch(() => undefined);
      throw error;
    }
  }

  /** The control API, by the same client that every other program uses. */
  get api(): StackApi {
    if (this.#api === undefined) throw new Error('The stack does not serve yet');
    return this.#api;
  }

  async #serve(
    { host = '127.0.0.1', apiPort = 0, apiOrigins = [], defaultSession }: StackOptions,
    token: string,
  ): Promise<StackAddress> {
    const access = { token, allowedHosts: [host], allowedOrigins: apiOrigins };
    const { logger } = this.#children;
    const server = this.#scope.use(
      await ApiServer.start({ stack: this, access, version: packageVersion(), logger, host, port: apiPort }),
    );
    const address = { url: server.url, token };
    this.#children.stackPorts.add(Number(new URL(server.url).port));
    this.#api = connectStack(address);
    if (defaultSession !== undefined)
      await this.sessions.create(createSessionRequest.parse({ host, ...defaultSession, id: defaultSessionId }));
    return address;
  }

  async #addProxy(proxy: ConfiguredProxy, hasDefault: boolean): Promise<void> {
    if (hasDefault && proxy.name === defaultSessionId)
      throw new UsageError(`A proxy of Toxiproxy cannot be called "${defaultSessionId}": a session is`);
    const toxics = proxy.toxics.map((toxic) =>
      fromWire({ ...toxic, name: toxic.name ?? `${toxic.type}_${toxic.stream}` }, true),
    );
    await this.#children.reconciler.addForeign({ ...proxy, toxics });
  }

  async close(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      await this.sessions.rejectOpenRecordings();
    }
    await this.#scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  status(): StackStatus {
    const { home, toxiproxy, mitm, ca } = this.#children;
    const { toxiproxyUrl, toxiproxyOrigin: origin } = this.#children;
    const published = toxiproxyUrl === undefined ? {} : { url: toxiproxyUrl };
    const children = [{ ...toxiproxy.status(), ...published, origin }, ...mitm.status()];
    const ready = children.every(({ state }) => state === 'ready');
    return {
      pid: process.pid,
      version: packageVersion(),
      home: home.home,
      startedAt: this.#startedAt,
      url: this.api.address.url,
      state: this.#stopping ? 'stopping' : ready ? 'ready' : 'degraded',
      caPath: ca.certPath,
      children,
      sessions: this.sessions.list(),
    };
  }

  requestShutdown(): void {
    this.#requestShutdown();
  }

  get ca(): CertificateAuthorityView {
    const { certPem, certPath, fingerprint256 } = this.#children.ca;
    return { pem: certPem, path: certPath, fingerprint256 };
  }
}
