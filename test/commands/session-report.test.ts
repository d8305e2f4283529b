import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allure2, junitXml } from '@allurereport/reader';
import { PathResultFile, type RawTestResult, type ResultsVisitor } from '@allurereport/reader-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Origin } from '../helpers/origin.js';
import { proxyctl } from '../helpers/proxyctl.js';
import type { Finished } from '../helpers/processes.js';
import { makeTempFolder } from '../helpers/temp-folder.js';
import { textOfFiles } from '../helpers/text-of-files.js';
import type { Har } from '../../src/har/har.js';

let folder: string;
let origin: Origin;
let remove: () => Promise<void>;
const inFolder = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  ({ path: folder, remove } = await makeTempFolder('report'));
  origin = await Origin.start();
  await mkdir(inFolder('cwd'));
  const up = await run('up', '--detach');
  expect(up.exitCode, up.all).toBe(0);
});

afterAll(async () => {
  await run('down');
  await origin.close();
  await remove();
});

function run(...args: string[]): Promise<Finished> {
  return proxyctl(args, { home: inFolder('home'), cwd: inFolder('cwd') });
}

/** A command that asks for these paths with a token, and exits with `code`. */
function client(paths: string[], code = 0): string[] {
  const script = `for (const url of process.argv.slice(2)) await (await fetch(url, { headers: { authorization: 'Bearer very-secret-token' } })).text();
    process.exitCode = Number(process.argv[1])`;
  const urls = paths.map((path) => origin.httpUrl(path));
  return ['--', process.execPath, '--input-type=module', '-e', script, '--', String(code), ...urls];
}

/** What Allure's own reader makes of a folder: of its `*-result.json`, or of JUnit XML. */
async function readByAllure(place: string): Promise<{ results: RawTestResult[]; attachments: string[] }> {
  const results: RawTestResult[] = [];
  const attachments: string[] = [];
  const visitor: ResultsVisitor = {
    visitTestResult: async (result) => void results.push(result),
    visitAttachmentFile: async (file) => void attachments.push(file.getOriginalFileName()),
    visitCheckResult: async () => undefined,
    visitMetrics: async () => undefined,
    visitTestFixtureResult: async () => undefined,
    visitMetadata: async () => undefined,
    visitGlobals: async () => undefined,
  };
  for (const name of await readdir(place)) {
    const file = new PathResultFile(join(place, name));
    if (name.endsWith('.xml')) expect(await junitXml.read(visitor, file), name).toBe(true);
    else if (name !== 'logs' && (await allure2.matches?.(file)) === true)
      expect(await allure2.read(visitor, file), name).toBe(true);
  }
  return { results, attachments };
}

test('a run that succeeds leaves its HAR without secrets, a summary, logs and JUnit XML, and none is written over', async () => {
  const record = ['record', '--test-id', 'cart & co', '--report-dir', 'reports'];
  for (let time = 1; time <= 2; time += 1) {
    const recorded = await run(...record, ...client(['/json?n=1']));
    expect(recorded.exitCode, recorded.all).toBe(0);
    expect(recorded.stderr).toContain('The report is in reports/');
  }
  const [first = '', second = ''] = (await readdir(inFolder('cwd/reports'))).sort();
  expect(second).toBe(`${first}-2`);
  const report = inFolder('cwd/reports', first);
  expect(await readdir(report)).toEqual(expect.arrayContaining(['junit.xml', 'summary.json', 'traffic.har']));
  const text = await readFile(join(report, 'traffic.har'), 'utf8');
  const har = JSON.parse(text) as Har;
  expect(har.log.entries[0]?.request.url).toBe(origin.httpUrl('/json?n=1'));
  expect(text).not.toContain('very-secret-token');
  expect(JSON.parse(await readFile(join(report, 'summary.json'), 'utf8'))).toMatchObject({
    title: 'cart & co',
    exitCode: 0,
    summary: { session: { mode: 'record', testId: 'cart & co' } },
  });
  const { results } = await readByAllure(report);
  expect(results).toMatchObject([{ name: 'cart &amp; co', status: 'passed' }]); // it leaves entities as they are
});

test('Allure reads a replay with misses: broken, with what came nearest, and its HAR attached', async () => {
  const replay = ['replay', '--test-id', 'cart & co', '--allure', 'allure', '--report-dir', 'missed'];
  const replayed = await run(...replay, ...client(['/json?n=2']));
  expect(replayed.exitCode, replayed.all).toBe(10);
  const { results, attachments } = await readByAllure(inFolder('cwd/allure'));
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({
    ...{ name: 'cart & co', status: 'broken', message: '1 request is not in the recording' },
    labels: expect.arrayContaining([{ name: 'suite', value: 'replay' }]) as unknown,
  });
  expect(results[0]?.trace).toMatch(/query n\n +- 1\n +\+ 2/);
  const steps = results[0]?.steps ?? [];
  expect(steps).toContainEqual(expect.objectContaining({ type: 'step', status: 'broken' }));
  const attached = steps.filter((step) => step.type === 'attachment').map((step) => step.originalFileName);
  expect(attached.length).toBeGreaterThanOrEqual(2);
  expect(attachments).toEqual(expect.arrayContaining(attached));

  const [name = ''] = await readdir(inFolder('cwd/missed'));
  const inJunit = await readByAllure(inFolder('cwd/missed', name));
  expect(inJunit.results.map(({ name, status }) => [name, status])).toEqual([
    ['cart &amp; co', 'passed'],
    ['cart &amp; co: every request is in the recording', 'failed'],
    [`cart &amp; co: request 0, GET ${origin.httpUrl('/json?n=2')}`, 'failed'],
  ]);
  expect(inJunit.results[2]).toMatchObject({
    message: 'differs from the nearest recorded request in query n',
    trace: expect.stringMatching(/nearest is recorded request #0.*\n +query n\n +- 1\n +\+ 2/) as unknown,
  });
  const xml = await readFile(inFolder('cwd/missed', name, 'junit.xml'), 'utf8');
  expect(xml).toContain('<testsuites name="proxyctl" tests="3" failures="2"');
  expect(xml).toContain('<property name="proxyctl.misses" value="1"/>');
  expect(xml).toMatch(/\[\[ATTACHMENT\|missed\/.*traffic\.har\]\]/);
});

test('no report holds what URLs tell of secrets, be they missed, failed or passed through', async () => {
  const secret = 'another-secret-token';
  const paths = (n: number): string[] => [`/json?n=${n}&token=${secret}`, `/nothing?page=ticket-${secret}`];
  await writeFile(inFolder('cwd/proxyctl.config.yaml'), 'redact: { patterns: ["page=ticket-([a-z-]+)"] }');
  const replay = ['replay', '--test-id', 'cart & co'];
  const missed = await run(
    ...replay,
    '--report',
    'all/1.json',
    '--report-dir',
    'all/2',
    '--allure',
    'all/3',
    ...client(paths(3)),
  );
  expect(missed.exitCode, missed.all).toBe(10);
  const passed = await run(
    ...replay,
    '--on-miss',
    'passthrough',
    '--report',
    'all/4.json',
    '--report-dir',
    'all/5',
    ...client(paths(4)),
  );
  expect(passed.exitCode, passed.all).toBe(0);
  const gone = `http://127.0.0.1:3/?token=${secret}&page=ticket-${secret}`;
  const failing = ['--', process.execPath, '-e', `fetch('${gone}')`];
  const failed = await run('exec', '--report-dir', 'all/6', '--allure', 'all/7', ...failing);
  expect(failed.exitCode, failed.all).toBe(0);
  const healed = await run('run', '--test-id', 'cart & co', '--report', 'all/8.json', ...client(paths(5)));
  expect(healed.exitCode, healed.all).toBe(0);
  await rm(inFolder('cwd/proxyctl.config.yaml'));
  const reports = await textOfFiles(inFolder('cwd/all'));
  expect(reports).toContain('n=3&token=');
  expect(reports).toContain('"passedThrough": [\n');
  expect(reports).toContain('"failures": [\n');
  expect(reports).not.toContain(secret);
});

test('a command that fails, and a session that others ended, are reported as what they were', async () => {
  const failed = await run('exec', '--allure', 'failed', ...client(['/json'], 3));
  expect(failed.exitCode, failed.all).toBe(3);
  expect((await readByAllure(inFolder('cwd/failed'))).results).toMatchObject([
    { status: 'failed', message: 'The command exited with 3' },
  ]);
  const created = await run('session', 'create', '--id', 'no-history', '--json');
  const { id } = JSON.parse(created.stdout) as { id: string };
  const ended = await run('session', 'rm', id, '--report-dir', 'ended');
  expect(ended.exitCode, ended.all).toBe(0);
  const [name = ''] = await readdir(inFolder('cwd/ended'));
  expect(await readdir(inFolder('cwd/ended', name))).not.toContain('traffic.har');
  const refused = await run('exec', '--report-dir', '/dev/null/reports', ...client(['/json']));
  expect(refused.stderr).toMatch(/The report in \/dev\/null\/reports cannot be written: .*ENOTDIR/);
  expect(refused.exitCode).toBe(2);
});
