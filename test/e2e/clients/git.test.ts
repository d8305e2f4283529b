import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AllVersionsOrigin, type AnyRequest, type AnyResponse } from '../../helpers/all-versions-origin.js';
import { patternedBytes } from '../../helpers/origin.js';
import { mustRun } from '../../helpers/processes.js';
import { RealInput } from '../../helpers/real-input.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** Commits have the same hash whenever they are made. */
const author = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'Test'],
    [`GIT_${who}_EMAIL`, 'test@origin.test'],
    [`GIT_${who}_DATE`, '2026-01-02T03:04:05Z'],
  ]),
);
const env = { ...author, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' };

/** Clones, commits a large file, pushes, and fetches that into a second clone. Prints names and hashes. */
const session = `
set -eu
git clone --quiet "$1/project.git" clone
git -C clone log --format=%H
git clone --quiet --depth 1 "$1/project.git" shallow
cd clone
head -c 3000000 /dev/zero | tr '\\0' 'x' >zeros
cp "$2" noise
git add . && git commit --quiet -m 'Add files' && git push --quiet origin HEAD:main
git rev-parse HEAD
cd ../shallow
git fetch --quiet origin && git merge --quiet --ff-only origin/main
git rev-parse HEAD && git ls-files -s && git fsck --full
git ls-remote origin
! git ls-remote "$1/nowhere.git" 2>/dev/null
`;

/** Hands a request to git's own CGI program (RFC 3875), which is how git is served. */
function gitBackend(root: string, request: AnyRequest, response: AnyResponse): void {
  const { url = '', method = '', headers } = request;
  const [path = '', query = ''] = url.split('?');
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      ...env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: method,
      REMOTE_USER: 'tester',
      CONTENT_TYPE: String(headers['content-type'] ?? ''),
      HTTP_CONTENT_ENCODING: String(headers['content-encoding'] ?? ''),
    },
  });
  (request as IncomingMessage).pipe(backend.stdin);
  backend.stdin.on('error', () => undefined);
  let head: string | undefined = '';
  backend.stdout.on('data', (data: Buffer) => {
    if (head === undefined) return void response.write(data);
    head += data.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    const fields = head
      .slice(0, end)
      .split('\r\n')
      .map((line) => line.split(': ') as [string, string]);
    const status = Number(fields.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, fields.filter(([name]) => name !== 'Status').flat());
    response.write(Buffer.from(head.slice(end + 4), 'latin1'));
    head = undefined;
  });
  backend.once('close', () => response.end());
}

test('git clones, pushes and fetches over https, with a server and, when that is gone, on its recording', async () => {
  const root = await tempFolder('repositories');
  await makeRepository(root);
  await using origin = await AllVersionsOrigin.start({
    answer: (request, response) => gitBackend(root, request, response),
  });
  await using input = await RealInput.start('git', ['--upstream-ca', origin.caFile]);
  const noise = join(input.folder, 'noise');
  await writeFile(noise, patternedBytes(2_000_000));
  const url = origin.url('https', '', 'git.origin.test');
  const run = async (phase: 'record' | 'replay') => {
    const cwd = join(input.folder, phase);
    await mkdir(cwd);
    return input[phase]('git', { command: ['sh', '-c', session, 'sh', url, noise], cwd, env });
  };
  const recorded = await run('record');
  const asked = origin.requests.length;
  await origin.close();
  const replayed = await run('replay');
  expect(replayed.stdout).toBe(recorded.stdout);
  expect(origin.requests).toHaveLength(asked);
  expect(recorded.stdout).toContain('refs/heads/main');
  expect(origin.requests.filter((line) => line.includes('git-receive-pack'))).not.toHaveLength(0);
});

/** A bare repository with a few hundred files and some history. */
async function makeRepository(root: string): Promise<void> {
  const work = join(root, 'work');
  await mkdir(work, { recursive: true });
  const git = (...args: string[]) => mustRun('git', args, { cwd: work, env });
  await git('init', '--quiet', '--initial-branch=main');
  for (const round of [1, 2, 3]) {
    for (let index = 0; index < 100; index++)
      await writeFile(join(work, `file-${index}`), `${round * index}\n`.repeat(50));
    await git('add', '.');
    await git('commit', '--quiet', '-m', `Round ${round}`);
  }
  await mustRun('git', ['clone', '--quiet', '--bare', work, join(root, 'project.git')], { env });
  await mustRun('git', ['-C', join(root, 'project.git'), 'config', 'http.receivepack', 'true'], { env });
}
