import { connect } from 'node:net';
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { environment } from '../../src/config/environment.js';
import { freePort } from '../../supervisor/free-port.js';
import { makeTempFolder } from './temp-folder.js';

/** A real S3 server on a folder. */
export interface S3Server extends AsyncDisposable {
  port: number;
  /** `s3://recordings/NAME?endpoint=…`, through another port where one is given. */
  place(name: string, port?: number): string;
  /** The folder behind `place(name)`. */
  folder(name: string): string;
  /** Ends it, as a power cut would; its objects stay. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and folder. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const bucket = 'recordings';
/** Accepted by it, and set for the SDK in this process and those that it starts. */
export const s3Credentials = {
  AWS_ACCESS_KEY_ID: 'test-access-key',
  AWS_SECRET_ACCESS_KEY: 'test-secret-key',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** For `beforeAll`: the caller closes it. */
export async function startS3Server(): Promise<S3Server> {
  const { path: root, remove } = await makeTempFolder('s3');
  Object.assign(process.env, s3Credentials, { AWS_CONFIG_FILE: join(root, 'no-config'), AWS_PROFILE: '' });
  await mkdir(join(root, 'data'));
  const port = await freePort();
  let server = await launch(root, port);
  const client = new S3Client({ endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  const close = async (): Promise<void> => {
    await server.stop();
    await remove();
  };
  return {
    port,
    place: (name, through = port) => `s3://${bucket}/${name}?endpoint=http://127.0.0.1:${through}`,
    folder: (name) => join(root, 'data', bucket, name),
    stop: () => server.stop(),
    start: async () => {
      server = await launch(root, port);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** On the folder `data` in `root`, with further flags of its own: `--cert FILE --key FILE`. */
export async function launch(
  root: string,
  port: number,
  flags: readonly string[] = [],
): Promise<{ stop: () => Promise<void> }> {
  const program = environment.get('PROXYCTL_TEST_VERSITYGW');
  if (program === undefined)
    throw new Error('PROXYCTL_TEST_VERSITYGW is not set: vitest runs helpers/provision.ts first');
  const child = execa(program, ['--quiet', '--port', `127.0.0.1:${port}`, ...flags, 'posix', join(root, 'data')], {
    env: { ROOT_ACCESS_KEY: s3Credentials.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: s3Credentials.AWS_SECRET_ACCESS_KEY },
    stdin: 'ignore',
    all: true,
    reject: false,
  });
  const ended = child.then(({ all }) => {
    throw new Error(`versitygw ended before it was ready:\n${all}`);
  });
  ended.catch(() => undefined);
  await Promise.race([ended, answers(port)]);
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await accepts(port))) {
    if (Date.now() > deadline) throw new Error('versitygw did not answer within 20 s');
    await delay(20);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
