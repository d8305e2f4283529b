import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

/** The status of what `url` answers through the proxy on this port, once all of it has come. */
export async function askThrough(port: number, url: string): Promise<number> {
  const { host } = new URL(url);
  const asking = request({ host: '127.0.0.1', port, agent: false, path: url, headers: { host } }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  return response.statusCode ?? 0;
}
