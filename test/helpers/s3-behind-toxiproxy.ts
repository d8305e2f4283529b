import { onTestFinished } from 'vitest';
import { ToxiproxyServer } from '../../supervisor/toxiproxy/toxiproxy-server.js';
import { startS3Server, type S3Server } from './s3-server.js';
import { testToxiproxy } from './toxiproxy.js';

/** The proxy in front of the server. */
const proxy = 's3';

/** A real S3 server with a real Toxiproxy in front of it, for all tests of a file. */
export interface S3BehindToxiproxy {
  server: S3Server;
  /** Where Toxiproxy listens. */
  port: number;
  /** Until the test has ended. */
  toxic(type: string, stream: 'upstream' | 'downstream', attributes: Record<string, number>): Promise<void>;
  removeToxic(type: string): Promise<void>;
  /** Whether the server can be reached through Toxiproxy at all. */
  setEnabled(enabled: boolean): Promise<void>;
  close: () => Promise<void>;
}

export async function startS3BehindToxiproxy(): Promise<S3BehindToxiproxy> {
  const server = await startS3Server();
  const toxiproxy = await ToxiproxyServer.start({ binary: testToxiproxy() });
  const upstream = `127.0.0.1:${server.port}`;
  const { listen } = await toxiproxy.api.createProxy({ name: proxy, listen: '127.0.0.1:0', upstream });
  return {
    server,
    port: Number(listen.split(':')[1]),
    toxic: async (type, stream, attributes) => {
      await toxiproxy.api.addToxic(proxy, { name: type, type, stream, toxicity: 1, attributes });
      onTestFinished(async () => {
        await toxiproxy.api.reset();
      });
    },
    removeToxic: (type) => toxiproxy.api.removeToxic(proxy, type),
    setEnabled: async (enabled) => {
      await toxiproxy.api.updateProxy(proxy, { enabled });
    },
    close: async () => {
      await toxiproxy.close();
      await server.close();
    },
  };
}
