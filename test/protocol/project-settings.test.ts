import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { redactionOptions, type RedactionOptions } from '../../src/har/redaction/index.js';
import { replayRule } from '../../src/replay/rules/replay-rule.js';
import { projectSettings, settingsOf, type ProjectSettings } from '../../src/protocol/project-settings.js';
import { tempFolder } from '../helpers/temp-folder.js';

const redact = (given: Partial<RedactionOptions>): RedactionOptions => redactionOptions.parse(given);
const rule = (where: string, is: 'volatile' | 'exact' = 'volatile') => replayRule.parse({ where, is });
const project = (settings: Partial<ProjectSettings>): ProjectSettings => ({
  configFile: '/shop/proxyctl.config.yaml',
  rules: [],
  ...settings,
});

describe('a session of the stack’s project', () => {
  const shop = project({
    redact: redact({ headers: ['x-device'], keep: ['token', 'pin'] }),
    rules: [rule('query seed'), rule('header x-run')],
  });

  test('has the settings of the config file where the request says nothing', () => {
    expect(settingsOf({}, shop)).toEqual({ redact: shop.redact, rules: shop.rules });
    expect(settingsOf({}, project({}))).toEqual({ rules: [] });
  });

  test('has what the request names besides', () => {
    const asked = redact({ headers: ['x-device', 'x-user'], fields: ['taxId'], patterns: ['a+'], keep: ['otp'] });
    expect(settingsOf({ redact: asked }, shop).redact).toEqual({
      headers: ['x-device', 'x-user'],
      fields: ['taxId'],
      patterns: ['a+'],
      keep: ['token', 'pin', 'otp'],
    });
  });

  test.each(['token', 'TOKEN', 'to-ken'])('does not keep what the request names as a secret: %s', (name) => {
    for (const asked of [redact({ headers: [name] }), redact({ fields: [name] })])
      expect(settingsOf({ redact: asked }, shop).redact).toMatchObject({ keep: ['pin'] });
  });

  test('redacts nothing when the request says so, and something when it does although the project does not', () => {
    expect(settingsOf({ redact: false }, shop).redact).toBe(false);
    expect(settingsOf({}, project({ redact: false })).redact).toBe(false);
    const asked = redact({ fields: ['taxId'] });
    expect(settingsOf({ redact: asked }, project({ redact: false })).redact).toEqual(asked);
  });

  test('replays by the request’s rules first, which take the place of the project’s about the same place', () => {
    const asked = [rule('query seed', 'exact'), rule('query page')];
    expect(settingsOf({ rules: asked }, shop).rules).toEqual([...asked, rule('header x-run')]);
  });

  test('has what its client has put in already once only', () => {
    expect(settingsOf(shop, shop)).toEqual({ redact: shop.redact, rules: shop.rules });
  });

  test('is refused when there would be too many rules', () => {
    const many = Array.from({ length: 300 }, (_, i) => rule(`query a${i}`));
    const more = Array.from({ length: 300 }, (_, i) => rule(`query b${i}`));
    expect(() => settingsOf({ rules: many }, project({ rules: more }))).toThrow(/600/);
    expect(settingsOf({ rules: many }, project({ rules: many })).rules).toHaveLength(300);
  });
});

describe('a session of another project', () => {
  const own = { configFile: '/cart/proxyctl.config.yaml', rules: [rule('query page')] };

  test('is redacted by the stack’s rules as well, of which none can take a secret out', () => {
    const stack = project({ redact: redact({ headers: ['x-device'], keep: ['token'] }) });
    expect(settingsOf({ ...own, redact: redact({ fields: ['token'] }) }, stack).redact).toEqual(
      redact({ headers: ['x-device'], fields: ['token'] }),
    );
    expect(settingsOf(own, stack).redact).toEqual(redact({ headers: ['x-device'] }));
    expect(settingsOf(own, project({ redact: false })).redact).toBeUndefined();
    expect(settingsOf({ ...own, redact: false }, stack).redact).toBe(false);
  });

  test('replays by its own rules alone', () => {
    expect(settingsOf(own, project({ rules: [rule('query seed')] })).rules).toEqual(own.rules);
  });
});

describe('a project’s settings', () => {
  test('are those of the nearest config file', async () => {
    const folder = await tempFolder();
    const configFile = join(folder, 'proxyctl.config.yaml');
    await writeFile(
      configFile,
      'redact: { headers: [X-Device] }\nreplay: { rules: [{ where: query seed, is: exact }] }',
    );
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    const settings = { configFile, redact: redact({ headers: ['X-Device'] }), rules: [rule('query seed', 'exact')] };
    expect(projectSettings(join(folder, 'a', 'b'))).toEqual(settings);
    await writeFile(join(folder, 'a', 'proxyctl.config.yaml'), 'redact: false');
    expect(projectSettings(join(folder, 'a', 'b'))).toMatchObject({ redact: false, rules: [] });
    expect(projectSettings(folder)).toEqual(settings);
  });

  test.each([
    ["redact: { patterns: ['('] }", /proxyctl\.config\.yaml: redact: .*no regular expression/],
    ['replay: { rules: [{ is: volatile }] }', /proxyctl\.config\.yaml: replay\.rules: /],
  ])('are refused with the file’s name when they are none: %s', async (content, message) => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'proxyctl.config.yaml'), content);
    expect(() => projectSettings(folder)).toThrow(message);
  });
});
