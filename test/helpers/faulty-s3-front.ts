import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** `body`: what is said in place of S3's words for an error. */
export type Refusal =
  { status: number; code?: string; body?: string; headers?: Record<string, string | undefined> } | undefined;

/**
 * In front of an S3 server for one test, on the port that is returned: refuses what `judge` says in the words of S3.
 */
export async function startFaultyFront(behind: number, judge: (incoming: IncomingMessage) => Refusal): Promise<number> {
  const front = createServer((incoming, answer) => {
    const refusal = judge(incoming);
    incoming.on('error', () => undefined);
    if (refusal !== undefined) {
      incoming.resume();
      answer.writeHead(refusal.status, { 'content-type': 'application/xml', ...refusal.headers });
      answer.end(
        incoming.method === 'HEAD'
          ? undefined
          : (refusal.body ?? `<Error><Code>${refusal.code ?? ''}</Code><Message>No</Message></Error>`),
      );
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = request({ port: behind, host: '127.0.0.1', method, path, headers }, (said) => {
      answer.writeHead(said.statusCode ?? 500, said.headers);
      said.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  onTestFinished(() => {
    front.closeAllConnections();
    front.close();
  });
  return (front.address() as AddressInfo).port;
}
