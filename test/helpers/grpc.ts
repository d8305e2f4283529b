import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  type ServiceDefinition,
  type ServiceError,
  type StatusObject,
  type UntypedHandleCall,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { makeTestCertificate } from './test-certificate.js';

const bytes = (data: Buffer): Buffer => data;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});

const service: ServiceDefinition = {
  say: method('Say', false, false),
  count: method('Count', false, true),
  gather: method('Gather', true, false),
  chat: method('Chat', true, true),
};

export interface EchoClient {
  say(
    message: Buffer,
    metadata: Metadata,
    options: { deadline?: number },
    done: (error: ServiceError | null, answer?: Buffer) => void,
  ): ClientUnaryCall;
  count(message: Buffer, metadata?: Metadata): ClientReadableStream<Buffer>;
  gather(done: (error: ServiceError | null, answer?: Buffer) => void): ClientWritableStream<Buffer>;
  chat(metadata?: Metadata): ClientDuplexStream<Buffer, Buffer>;
  close(): void;
}

/** A gRPC server whose messages are plain bytes, with one method of each kind. It ends with the test. */
export class EchoServer {
  /** How calls ended for the server. */
  readonly cancelled: string[] = [];
  readonly metadata: Metadata[] = [];
  readonly deadlines: number[] = [];
  readonly #sockets: Set<Socket>;

  private constructor(
    readonly server: Server,
    readonly port: number,
    /** What its port listens with: it hands all on, and can be cut off without a word to those connected. */
    private readonly front: TcpServer,
    sockets: Set<Socket>,
    readonly ca: string,
    private readonly answer: (message: Buffer) => Buffer,
  ) {
    this.#sockets = sockets;
  }

  /** `names`: what its certificate is for, besides loopback. `answer`: what `say` gives back. */
  static async start({
    tls = true,
    names = [] as string[],
    answer = (message: Buffer): Buffer => Buffer.from(`said ${message.toString()}`),
  } = {}): Promise<EchoServer> {
    const { ca, cert, key } = await makeTestCertificate(['localhost', '127.0.0.1', ...names]);
    const server = new Server();
    const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
    const trust = tls ? ServerCredentials.createSsl(null, [pair]) : ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', trust, (error, bound) => (error === null ? resolve(bound) : reject(error))),
    );
    const sockets = new Set<Socket>();
    const front = createServer((client) => relay(client, connect(port, '127.0.0.1'), sockets)).listen(0, '127.0.0.1');
    await once(front, 'listening');
    const echo = new EchoServer(server, (front.address() as AddressInfo).port, front, sockets, ca, answer);
    server.addService(service, echo.#handlers());
    onTestFinished(() => echo.cut());
    return echo;
  }

  /** Resets every call, and listens no more. */
  close(): void {
    this.server.forceShutdown();
    this.front.close();
  }

  /** The connections break off, and nothing listens any more. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.close();
  }

  #handlers(): Record<string, UntypedHandleCall> {
    const seen = (call: { metadata: Metadata; getDeadline(): Date | number }): void => {
      this.metadata.push(call.metadata);
      this.deadlines.push(Number(call.getDeadline()));
    };
    const say: handleUnaryCall<Buffer, Buffer> = (call, done) => {
      seen(call);
      call.on('cancelled', () => this.cancelled.push('say'));
      const text = call.request.toString();
      if (text === 'hang') return;
      const trailers = new Metadata();
      trailers.set('tail-bin', Buffer.from([0, 1, 255]));
      if (text.startsWith('fail'))
        done({ code: status.FAILED_PRECONDITION, details: `not ${text} \u2603`, metadata: trailers });
      else done(null, this.answer(call.request), trailers);
    };
    const count: handleServerStreamingCall<Buffer, Buffer> = (call) => {
      seen(call);
      const [to = 0, everyMs = 0] = call.request.toString().split(' ').map(Number);
      const write = (i: number): void => {
        if (i > to) return void call.end();
        call.write(Buffer.from(String(i)));
        if (everyMs > 0) setTimeout(() => write(i + 1), everyMs);
        else write(i + 1);
      };
      write(1);
    };
    const gather: handleClientStreamingCall<Buffer, Buffer> = (call, done) => {
      const texts: string[] = [];
      call.on('data', (data: Buffer) => texts.push(data.toString()));
      call.on('end', () => done(null, Buffer.from(texts.join('+'))));
    };
    const chat: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
      seen(call);
      call.on('data', (data: Buffer) => call.write(Buffer.from(`re: ${data.toString()}`)));
      call.on('end', () => call.end());
      call.on('cancelled', () => this.cancelled.push('chat'));
    };
    return { say, count, gather, chat };
  }
}

function relay(client: Socket, server: Socket, sockets: Set<Socket>): void {
  for (const socket of [client, server]) {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => undefined);
  }
  client.on('close', () => server.destroy()).pipe(server);
  server.on('close', () => client.destroy()).pipe(client);
}

/** A client of it, whose proxy is what `grpc_proxy` says now. `ca`: TLS with this trust; plaintext without. */
export function echoClient(authority: string, ca?: string): EchoClient {
  const trust = ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca));
  const Client = makeGenericClientConstructor(service, 'Echo');
  const client = new Client(authority, trust) as unknown as EchoClient;
  onTestFinished(() => client.close());
  return client;
}

export interface Outcome {
  answers: string[];
  code: number;
  details: string;
  /** Metadata of head and end, by name. */
  head: Record<string, unknown>;
  tail: Record<string, unknown>;
}

/** Follows a call to its end. */
export function outcomeOf(call: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { answers: [], code: -1, details: '', head: {}, tail: {} };
    call.on('data', (data: Buffer) => outcome.answers.push(data.toString()));
    call.on('metadata', (metadata: Metadata) => (outcome.head = metadata.getMap()));
    call.on('error', () => undefined);
    call.on('status', ({ code, details, metadata }: StatusObject) =>
      resolve({ ...outcome, code, details, tail: metadata.getMap() }),
    );
  });
}

/** One unary call. */
export function say(client: EchoClient, text: string | Buffer, metadata = new Metadata()): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { answers: [], code: -1, details: '', head: {}, tail: {} };
    const call = client.say(Buffer.from(text), metadata, {}, (_error, answer) => {
      if (answer !== undefined) outcome.answers.push(answer.toString());
    });
    call.on('metadata', (head: Metadata) => (outcome.head = head.getMap()));
    call.on('status', ({ code, details, metadata: tail }: StatusObject) =>
      setImmediate(() => resolve({ ...outcome, code, details, tail: tail.getMap() })),
    );
  });
}
