import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config/config-file.js';
import { linkProfiles } from '../../src/network/profiles.js';
import { ownProfiles } from '../../src/network/own-profiles.js';
import { projectSettings } from '../../src/protocol/project-settings.js';
import { resolveLink } from '../../src/network/link.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('the nearest config file holds for the folders below it, and its links can be used by name', async () => {
  const folder = await tempFolder();
  const deep = join(folder, 'a', 'b');
  await mkdir(deep, { recursive: true });
  await writeFile(
    join(folder, 'proxyctl.config.yaml'),
    'links:\n  Office: { down: 20mbit, up: 5mbit, rtt: 30ms, loss: 0.1%, burst: 3 }\n',
  );
  const { path, config } = loadConfig(deep);
  expect(path).toBe(join(folder, 'proxyctl.config.yaml'));
  const profiles = ownProfiles(config.links, 'proxyctl.config.yaml');
  expect(profiles).toEqual([
    {
      name: 'Office',
      downKbit: 20_000,
      upKbit: 5000,
      rtt: 30,
      loss: 0.001,
      burst: 3,
      source: 'proxyctl.config.yaml',
    },
  ]);
  expect(resolveLink({ profile: 'Office' }, [...profiles, ...linkProfiles])).toMatchObject({
    profile: 'Office',
    down: 2500,
    rtt: 30,
  });
});

test('PROXYCTL_CONFIG names another file, and no file is no links', async () => {
  const folder = await tempFolder();
  expect(loadConfig(folder).config).toEqual({ links: {}, stores: {} });
  await writeFile(join(folder, 'other.json'), '{"links": {"x": {"rtt": 10}}}');
  process.env['PROXYCTL_CONFIG'] = join(folder, 'other.json');
  onTestFinished(() => void delete process.env['PROXYCTL_CONFIG']);
  expect(loadConfig(folder).config.links).toEqual({ x: { rtt: 10 } });
});

test('what is not known is refused with the file and the key', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'proxyctl.config.yml'), 'link: {}\n');
  expect(() => loadConfig(folder)).toThrow(/proxyctl\.config\.yml: .*link/);
  expect(() => ownProfiles({ office: { down: '20' } }, 'c.yaml')).toThrow(
    /c\.yaml: links\.office: down: "20" has no unit/,
  );
  expect(() => ownProfiles({ '3g': { rtt: 1 } }, 'c.yaml')).toThrow('c.yaml: links.3g: the name is taken');
});

test.each([
  ['stor: ./r', 'unknown: stor (did you mean store?)'],
  ['linkss: {}', 'unknown: linkss (did you mean links?)'],
  ['appversion: { file: a }', 'unknown: appversion (did you mean appVersion?)'],
  ['appVersion: { fil: a }', 'appVersion: unknown: fil (did you mean file?)'],
  ['redact: { feilds: [a] }', 'redact: unknown: feilds (did you mean fields?)'],
  ['replay: { rule: [] }', 'replay: unknown: rule (did you mean rules?)'],
  ['stor: a\nlinkz: {}', 'unknown: stor (did you mean store?), linkz (did you mean links?)'],
  ['colour: red', 'unknown: colour'],
])('a config file with %j is refused with the key that was meant', async (content, says) => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'proxyctl.config.yaml'), content);
  expect(() => loadConfig(folder)).toThrow(
    expect.objectContaining({
      code: 'PROXYCTL_CONFIG',
      message: `${join(folder, 'proxyctl.config.yaml')}: ${says}`,
    }),
  );
});

test('links and replay rules of a config file are refused with the key that was meant', async () => {
  expect(() => ownProfiles({ office: { dow: '20mbit' } }, 'c.yaml')).toThrow(
    expect.objectContaining({
      code: 'PROXYCTL_CONFIG',
      message: 'c.yaml: links.office: unknown: dow (did you mean down?)',
    }),
  );
  const folder = await tempFolder();
  await writeFile(join(folder, 'proxyctl.config.yaml'), 'replay: { rules: [{ wher: query seed, is: volatile }] }');
  expect(() => projectSettings(folder)).toThrow(
    expect.objectContaining({
      code: 'PROXYCTL_CONFIG',
      message: expect.stringContaining('replay.rules: 0: unknown: wher (did you mean where?)') as string,
    }),
  );
});
