import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SessionView } from '../../src/api/schemas.js';

/** A backend that answers with the path that it was asked for. */
export async function startEcho(): Promise<{ port: number; server: Server }> {
  const server = createServer((incoming, response) => {
    incoming.resume();
    response.setHeader('Connection', 'close');
    response.end(incoming.url);
  });
  // As many connections come at once as there are sessions.
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

/** One request through a session on a connection of its own. Rejects when the answer is not the one to this request. */
export async function askThrough({ host, port, id }: SessionView, backendPort: number, round: number): Promise<void> {
  const path = `/${id}/${round}`;
  const outgoing = request({
    ...{ host, port, agent: false, timeout: 60_000, headers: { Host: `127.0.0.1:${backendPort}` } },
    path: `http://127.0.0.1:${backendPort}${path}`,
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 60 s')));
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  if (text !== path) throw new Error(`Session ${id} was answered ${JSON.stringify(text)} for ${path}`);
}
