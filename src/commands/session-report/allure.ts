import { createHash, randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../core/make-folder.js';
import { failureOf, missesOf, propertiesOf, type SessionReport } from './session-report.js';

interface Attachment {
  name: string;
  extension: string;
  type: string;
  content: string;
}

/**
 * Adds a session to a folder of Allure results (`UUID-result.json` and its attachments), for the same report as the
 * tests' own.
 */
export async function writeAllureResult(folder: string, report: SessionReport): Promise<string> {
  await makeFolder(folder);
  const uuid = randomUUID();
  const attachments = await Promise.all(attachmentsOf(report).map((each) => writeAttachment(folder, each)));
  const path = join(folder, `${uuid}-result.json`);
  // Under its name only when it is whole: Allure may watch the folder.
  await writeFile(`${path}.part`, JSON.stringify({ uuid, ...resultOf(report), attachments }, null, 2));
  await rename(`${path}.part`, path);
  return path;
}

function resultOf(report: SessionReport) {
  const { title, summary, startedAt, endedAt } = report;
  const { mode } = summary.session;
  const [failure, missed] = [failureOf(report), missesOf(report)];
  const message = [failure, missed?.line].filter((line) => line !== undefined).join('; ');
  const fullName = `proxyctl ${mode}: ${title}`;
  const known = createHash('md5').update(fullName).digest('hex');
  return {
    testCaseId: known,
    historyId: known,
    name: title,
    fullName,
    // Allure: `failed` is the product's fault, `broken` the test's.
    status: failure !== undefined ? 'failed' : missed !== undefined ? 'broken' : 'passed',
    ...(message === '' ? {} : { statusDetails: { message, trace: missed?.text ?? message } }),
    stage: 'finished',
    start: startedAt.getTime(),
    stop: endedAt.getTime(),
    labels: [
      { name: 'parentSuite', value: 'proxyctl' },
      { name: 'suite', value: mode },
    ],
    // They differ from run to run, and make no other test of it.
    parameters: propertiesOf(report).map(([name, value]) => ({ name, value, excluded: true })),
    steps: summary.misses.map(({ method, url, reason }) => ({
      ...{ name: `${method} ${url}`, status: 'broken', stage: 'finished', statusDetails: { message: reason } },
      ...{ steps: [], attachments: [], parameters: [] },
    })),
  };
}

function attachmentsOf({ har, summary, logs }: SessionReport): Attachment[] {
  const json = (name: string, extension: string, value: unknown): Attachment => ({
    ...{ name, extension, type: 'application/json', content: JSON.stringify(value, null, 2) },
  });
  return [
    ...(har === undefined ? [] : [json('Traffic (HAR)', 'har', har)]),
    json('Summary', 'json', summary),
    ...[...logs].map(([source, content]) => ({
      ...{ name: `Log of ${source}`, extension: 'log', type: 'text/plain', content },
    })),
  ];
}

async function writeAttachment(folder: string, { name, extension, type, content }: Attachment) {
  const source = `${randomUUID()}-attachment.${extension}`;
  await writeFile(join(folder, source), content);
  return { name, source, type };
}
