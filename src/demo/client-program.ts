/**
 * The demo's client, a plain Node program that knows nothing of proxies: asks for each path in turn, prints what it got
 * and how long it took, and ends with 1 if a response was no success. Its last line is JSON for the demo to read.
 */
export const clientProgram = `// node client.mjs BASE-URL PATH...
import { createHash } from 'node:crypto';
const [base, ...paths] = process.argv.slice(2);
const answers = [];
for (const path of paths) {
  const begun = performance.now();
  const answer = { path, status: 0, bytes: 0, ms: 0, sha256: '', text: '' };
  answers.push(answer);
  try {
    const response = await fetch(base + path);
    const body = Buffer.from(await response.arrayBuffer());
    const text = body.length < 100 ? body.toString() : '';
    Object.assign(answer, { status: response.status, bytes: body.length, text, sha256: createHash('sha256').update(body).digest('hex') });
  } catch (error) {
    answer.error = error.cause?.code ?? error.message;
  }
  answer.ms = Math.round(performance.now() - begun);
  console.log(\`GET \${path}  \${answer.error ?? answer.status}  \${answer.bytes} bytes  \${answer.ms} ms  \${answer.text}\`);
}
console.log(JSON.stringify(answers));
process.exitCode = answers.every(({ status }) => status === 200) ? 0 : 1;
`;

export interface ClientResponse {
  path: string;
  /** 0 when none came. */
  status: number;
  bytes: number;
  /** From asking to the last byte, the set-up of the connection included. */
  ms: number;
  sha256: string;
  /** The body, if it is short. */
  text: string;
  error?: string;
}

/** The responses in the client's output; undefined when it printed none. */
export function responsesIn(stdout: string): ClientResponse[] | undefined {
  const line = stdout.split('\n').findLast((text) => text.startsWith('[{'));
  return line === undefined ? undefined : (JSON.parse(line) as ClientResponse[]);
}
