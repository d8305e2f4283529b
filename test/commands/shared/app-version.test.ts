import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findAppVersion } from '../../../src/commands/shared/app-version.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const plist = (short: string, build: string): string => `<?xml version="1.0"?><plist version="1.0"><dict>
  <key>CFBundleName</key> <string>Shop</string>
  <key>CFBundleShortVersionString</key>
  <string>${short}</string>
  <key>CFBundleVersion</key> <string>${build}</string>
</dict></plist>`;

describe('the version of the app that a project says', () => {
  const cases: [what: string, files: Record<string, string>, version: string | undefined][] = [
    ['package.json', { 'package.json': '{"version":"5.1.0-beta.2"}' }, '5.1.0-beta.2'],
    [
      'Gradle, in Groovy',
      { 'build.gradle': 'plugins {}', 'app/build.gradle': 'versionCode 123\n  versionName "5.1.0"' },
      '5.1.0+123',
    ],
    ['Gradle, in Kotlin', { 'app/build.gradle.kts': 'versionName = "5.1.0-rc1"' }, '5.1.0-rc1'],
    ['Info.plist', { 'ios/Shop/Info.plist': plist('5.2.0', '77') }, '5.2.0+77'],
    [
      'an Info.plist that Xcode fills in',
      {
        'Shop/Info.plist': plist('$(MARKETING_VERSION)', '$(CURRENT_PROJECT_VERSION)'),
        'Shop.xcodeproj/project.pbxproj': 'MARKETING_VERSION = 5.3;\n',
      },
      '5.3',
    ],
    [
      'an app with a package.json beside it',
      { 'package.json': '{"version":"0.0.0"}', 'android/app/build.gradle': "versionName '7.0'" },
      '7.0',
    ],
    [
      'nothing',
      { 'package.json': '{"private":true}', 'node_modules/a/package.json': '{"version":"1.0.0"}' },
      undefined,
    ],
    ['a package.json that is none', { 'package.json': '{' }, undefined],
  ];
  test.each(cases)('in %s', async (_, files, version) => {
    const folder = await tempFolder();
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    expect((await findAppVersion(folder))?.version).toBe(version);
  });
});
